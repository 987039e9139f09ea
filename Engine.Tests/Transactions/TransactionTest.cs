using Engine.Storage;

namespace Engine.Tests.Transactions;

/// <summary>What tests of transactions share.</summary>
public abstract class TransactionTest
{
    internal static readonly DatabaseOptions Defaults = new() { FlushInterval = Timeout.InfiniteTimeSpan };

    internal static Database Open(IStorage storage) => Database.Open(storage, Defaults);

    internal static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static void Put(
        Database database, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, CommitMode mode = CommitMode.Durable)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put(key, value);
        transaction.Commit(mode);
    }

    internal static byte[]? Get(Database database, ReadOnlySpan<byte> key)
    {
        using var read = database.BeginRead();
        return read.Main.Get(key);
    }
}
