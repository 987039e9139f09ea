using System.Buffers.Binary;

namespace Engine.Testing.Tests.Programs;

/// <summary>A small program of a user: entries under numbers, in the order of their numbers.</summary>
internal static class Ledger
{
    public const int Entries = 4;

    public static byte[] Key(int number)
    {
        var key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }

    public static void Put(WriteTransaction transaction, int number) =>
        transaction.Main.Put(Key(number), [.. Enumerable.Repeat((byte)number, 100)]);

    public static bool Has(Database database, int number) => database.Read(read => read.Main.ContainsKey(Key(number)));

    /// <summary>Each entry is confirmed once it is committed.</summary>
    public static void Run(Database database, CrashRun run)
    {
        for (var number = 1; number <= Entries; number++)
        {
            database.Write(transaction => Put(transaction, number));
            run.Acknowledge(number);
        }
    }

    /// <summary>What was confirmed is there, and what is there is all there.</summary>
    public static void Check(Database database, Crash crash)
    {
        foreach (var number in crash.Acknowledged<int>())
        {
            InvariantException.Require(Has(database, number), $"{number} was confirmed and is lost");
        }

        using var read = database.BeginRead();
        foreach (var (key, value) in read.Main.All())
        {
            var number = (byte)BinaryPrimitives.ReadInt32BigEndian(key);
            InvariantException.Require(
                value.Length == 100 && !value.ContainsAnyExcept(number), $"{number} is not what was written");
        }
    }
}
