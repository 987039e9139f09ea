using Engine.Bench.Data;

namespace Engine.Bench.Peers.Own;

internal sealed partial class EngineDatabase
{
    public void Put(
        in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit)
    {
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            using WriteTransaction transaction = _database.BeginWrite();
            for (; position < end; position++)
            {
                values.Write(keys.Write(position, key), value);
                transaction.Main.Put(key, value);
            }

            transaction.Commit(Mode(commit));
        }
    }

    public void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit)
    {
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        using WriteTransaction transaction = _database.BeginWrite();
        using BulkLoader loader = transaction.Main.BeginLoad();
        for (long position = range.Start; position < range.End; position++)
        {
            values.Write(keys.Write(position, key), value);
            loader.Add(key, value);
        }

        loader.Complete();
        transaction.Commit(Mode(commit));
    }

    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit)
    {
        using WriteTransaction transaction = _database.BeginWrite();
        long deleted = transaction.Main.DeleteRange(from, to);
        transaction.Commit(Mode(commit));
        return deleted;
    }

    public Digest Delete(in KeyStream keys, OperationRange range, int perTransaction, CommitKind commit)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            using WriteTransaction transaction = _database.BeginWrite();
            for (; position < end; position++)
            {
                keys.Write(position, key);
                digest.AddAnswer(transaction.Main.Delete(key));
            }

            transaction.Commit(Mode(commit));
        }

        return digest;
    }
}
