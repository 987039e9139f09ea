using System.Buffers.Binary;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Accounts between which money moves and never gets lost, and clients, each with a counter of its updates: so every
/// reader can tell by itself whether what it sees is a state between two transactions, and every client whether what it
/// was told is so.
/// </summary>
internal static class Bank
{
    private const int Accounts = 50;
    private const long Each = 1000;
    private const int FirstClient = 1000;

    public static void Found(Database database)
    {
        using var transaction = database.BeginWrite();
        for (var i = 0; i < Accounts; i++)
        {
            Set(transaction, i, Each);
        }

        transaction.Commit();
    }

    /// <summary>An update of a client: counts, and moves money.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="client">Its number.</param>
    /// <param name="count">Its updates with this one.</param>
    /// <param name="random">Chooses.</param>
    public static void Update(WriteTransaction transaction, int client, long count, Random random)
    {
        var before = Get(transaction, FirstClient + client);
        if (before != count - 1)
        {
            throw new InvalidDataException($"client {client} was told of {count - 1} updates, there are {before}");
        }

        switch (random.Next(8))
        {
            case 0:
                using (var nested = transaction.BeginNested())
                {
                    Set(nested, FirstClient + client, count);
                    Move(nested, random);
                    nested.Commit();
                }

                break;
            case 1:
                var savepoint = transaction.Savepoint();
                Set(transaction, FirstClient + client, count + 100);
                transaction.Main.Delete(Sample.Key(random.Next(Accounts)));
                transaction.RollBackTo(savepoint);
                goto default;
            case 2:
                // Pages that come and go.
                var tree = transaction.CreateTree($"of client {client % 10}");
                transaction[tree].Put(Sample.Key(random.Next(100)), new byte[random.Next(2000)]);
                transaction[tree].Delete(Sample.Key(random.Next(100)));
                goto default;
            default:
                Set(transaction, FirstClient + client, count);
                Move(transaction, random);
                break;
        }
    }

    /// <summary>Adds all up.</summary>
    /// <returns>How many updates there were.</returns>
    public static long Verify(scoped ReadTransaction read)
    {
        long money = 0;
        long updates = 0;
        foreach (var (key, value) in read.Main.All())
        {
            var number = BinaryPrimitives.ReadInt32BigEndian(key);
            (number < FirstClient ? ref money : ref updates) += BinaryPrimitives.ReadInt64BigEndian(value);
        }

        return money == Accounts * Each
            ? updates
            : throw new InvalidDataException($"There are {money} in snapshot {read.TransactionId}.");
    }

    /// <summary>How many updates of a client there are.</summary>
    public static long Count(Database database, int client) => Sample.Get(database, Sample.Key(FirstClient + client))
        is { } value ? BinaryPrimitives.ReadInt64BigEndian(value) : 0;

    private static void Move(WriteTransaction transaction, Random random)
    {
        var amount = random.Next(-50, 50);
        foreach (var sign in (ReadOnlySpan<int>)[-1, 1])
        {
            var account = random.Next(Accounts);
            Set(transaction, account, Get(transaction, account) + (sign * amount));
        }
    }

    private static long Get(WriteTransaction transaction, int key)
    {
        Span<byte> value = stackalloc byte[8];
        return transaction.Main.TryGet(Sample.Key(key), value, out _) == GetResult.Found
            ? BinaryPrimitives.ReadInt64BigEndian(value)
            : 0;
    }

    private static void Set(WriteTransaction transaction, int key, long number)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, number);
        transaction.Main.Put(Sample.Key(key), value);
    }
}
