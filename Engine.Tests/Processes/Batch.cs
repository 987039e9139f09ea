using System.Buffers.Binary;
using System.Numerics;
using Engine.Pages;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>
/// Transactions by number, the same in the process that writes them and in the one that checks what is left of them.
/// Two trees grow and shrink. One entry is the seal: the number of the last batch and a digest of all other entries, so
/// that every reader can verify its snapshot by itself.
/// </summary>
internal static class Batch
{
    private const string SecondTree = "second";
    private const int Keys = 3000;
    private static readonly byte[] Seal = "the number of the last batch, and a digest of all the rest"u8.ToArray();

    /// <summary>Writes a batch, its number and the new digest with it.</summary>
    public static void Write(Database database, WriteTransaction transaction, int number)
    {
        var second = transaction.CreateTree(SecondTree);
        var sum = transaction.Main.Get(Seal) is { } seal ? BinaryPrimitives.ReadUInt64BigEndian(seal.AsSpan(4)) : 0;
        foreach (var (inSecond, key, value) in Changes(number))
        {
            var tree = inSecond ? second : database.Main;
            sum -= Digest(inSecond, key, transaction[tree].Get(key));
            sum += Digest(inSecond, key, value);
            if (value is null)
            {
                transaction[tree].Delete(key);
            }
            else
            {
                transaction[tree].Put(key, value);
            }
        }

        transaction.Main.Put(Seal, MakeSeal(number, sum));
    }

    /// <summary>Does to a model what <see cref="Write"/> does to a database.</summary>
    public static void Apply(Dictionary<string, SortedDictionary<byte[], byte[]>> model, int number)
    {
        model.TryAdd(string.Empty, new(ByteOrder.Instance));
        model.TryAdd(SecondTree, new(ByteOrder.Instance));
        var sum = model[string.Empty].TryGetValue(Seal, out var seal)
            ? BinaryPrimitives.ReadUInt64BigEndian(seal.AsSpan(4))
            : 0;
        foreach (var (inSecond, key, value) in Changes(number))
        {
            var tree = model[inSecond ? SecondTree : string.Empty];
            sum -= Digest(inSecond, key, tree.GetValueOrDefault(key));
            sum += Digest(inSecond, key, value);
            if (value is null)
            {
                tree.Remove(key);
            }
            else
            {
                tree[key] = value;
            }
        }

        model[string.Empty][Seal] = MakeSeal(number, sum);
    }

    /// <summary>The number of the last batch that a database holds; 0 if none.</summary>
    public static int LastOf(Database database)
    {
        using var read = database.BeginRead();
        return LastOf(read);
    }

    /// <summary>The number of the last batch of a snapshot; 0 if none.</summary>
    public static int LastOf(scoped ReadTransaction read) =>
        read.Main.TryGet(Seal, out var seal) ? BinaryPrimitives.ReadInt32BigEndian(seal) : 0;

    /// <summary>Reads every entry of a snapshot and compares their digest with the seal.</summary>
    /// <returns>The number of its last batch.</returns>
    /// <exception cref="InvalidDataException">The snapshot is not what one batch left.</exception>
    public static int Verify(Database database, scoped ReadTransaction read)
    {
        ulong sum = 0;
        foreach (var (key, value) in read.Main.All())
        {
            sum += key.SequenceEqual(Seal) ? 0 : Digest(false, key, value);
        }

        if (read.TryGetTree(database.GetTree(SecondTree), out var second))
        {
            foreach (var (key, value) in second.All())
            {
                sum += Digest(true, key, value);
            }
        }

        var number = LastOf(read);
        if (number != 0 && !(read.Main.TryGet(Seal, out var seal) && seal.SequenceEqual(MakeSeal(number, sum))))
        {
            throw new InvalidDataException(
                $"Snapshot {read.TransactionId}, which says that it is batch {number}, holds other entries than that.");
        }

        return number == 0 && sum != 0
            ? throw new InvalidDataException($"Snapshot {read.TransactionId} has lost its seal.")
            : number;
    }

    private static ulong Digest(bool inSecond, byte[] key, byte[]? value) =>
        value is null ? 0 : Digest(inSecond, key.AsSpan(), value);

    private static ulong Digest(bool inSecond, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        BitOperations.RotateLeft(XxHash64.Hash(key), inSecond ? 7 : 19) * (XxHash64.Hash(value) | 1);

    private static byte[] MakeSeal(int number, ulong sum)
    {
        var seal = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(seal, number);
        BinaryPrimitives.WriteUInt64BigEndian(seal.AsSpan(4), sum);
        return seal;
    }

    private static IEnumerable<(bool InSecond, byte[] Key, byte[]? Value)> Changes(int number)
    {
        var random = new Random(number);
        if (number % 50 == 25)
        {
            // Shrinks: whole subtrees go, and the end of the file with them.
            for (var key = random.Next(Keys / 2); key < Keys; key++)
            {
                yield return (false, Sample.Key(key), null);
                yield return (true, Sample.Key(key), null);
            }
        }

        var count = number % 50 == 0 ? 2500 : random.Next(1, 40);
        for (var i = 0; i < count; i++)
        {
            var length = random.Next(500) switch { 0 => 300_000, < 10 => random.Next(20_000), _ => random.Next(150) };
            yield return (
                random.Next(3) == 0,
                Sample.Key(random.Next(Keys)),
                random.Next(4) == 0 ? null : Sample.Bytes(length, i));
        }
    }
}
