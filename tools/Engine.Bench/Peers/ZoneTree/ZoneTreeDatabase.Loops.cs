using Engine.Bench.Data;
using ZoneTree;
using ZoneTree.Transactional;

namespace Engine.Bench.Peers.ZoneTree;

// The tree keeps keys and values that are put, so each put has new ones; lookups use one key again.
internal sealed partial class ZoneTreeDatabase
{
    public void Put(
        in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit)
    {
        byte[] value = values.GetBuffer();
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            using ITransaction<Memory<byte>, Memory<byte>> transaction = _tree.BeginTransaction();
            for (; position < end; position++)
            {
                Memory<byte> key = new byte[KeyStream.KeyLength];
                values.Write(keys.Write(position, key.Span), value);
                transaction.Upsert(key, value.AsSpan().ToArray());
            }

            Commit(transaction, commit);
        }
    }

    public void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit) =>
        Put(keys, values, range, int.MaxValue, commit);

    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit)
    {
        long deleted = 0;
        using ITransaction<Memory<byte>, Memory<byte>> transaction = _tree.BeginTransaction();
        using (ITransactionIterator<Memory<byte>, Memory<byte>> iterator = transaction.CreateIterator())
        {
            iterator.Seek(from.ToArray());
            while (iterator.Next() && iterator.CurrentKey.Span.SequenceCompareTo(to) < 0)
            {
                transaction.Delete(iterator.CurrentKey);
                deleted++;
            }
        }

        Commit(transaction, commit);
        return deleted;
    }

    public Digest Delete(in KeyStream keys, OperationRange range, int perTransaction, CommitKind commit)
    {
        Digest digest = default;
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            using ITransaction<Memory<byte>, Memory<byte>> transaction = _tree.BeginTransaction();
            for (; position < end; position++)
            {
                Memory<byte> key = new byte[KeyStream.KeyLength];
                keys.Write(position, key.Span);
                digest.AddAnswer(transaction.ContainsKey(key));
                transaction.Delete(key);
            }

            Commit(transaction, commit);
        }

        return digest;
    }

    public Digest Get(in KeyStream keys, OperationRange range)
    {
        using IReadTransaction<Memory<byte>, Memory<byte>> read = _tree.BeginReadOnlyTransaction();
        Digest digest = default;
        Memory<byte> key = new byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key.Span);
            Add(read.TryGet(key, out Memory<byte> value), value, ref digest);
        }

        return digest;
    }

    public Digest GetMany(in KeyStream keys, OperationRange range) => Get(keys, range);

    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Memory<byte> key = new byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key.Span);
            Add(_tree.TryGet(key, out Memory<byte> value), value, ref digest);
        }

        return digest;
    }

    public Digest Scan(bool reverse)
    {
        using IReadTransaction<Memory<byte>, Memory<byte>> read = _tree.BeginReadOnlyTransaction();
        using ITransactionIterator<Memory<byte>, Memory<byte>> iterator =
            reverse ? read.CreateReverseIterator() : read.CreateIterator();
        Digest digest = default;
        while (iterator.Next())
        {
            digest.Add(iterator.CurrentKey.Span, iterator.CurrentValue.Span);
        }

        return digest;
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        using IReadTransaction<Memory<byte>, Memory<byte>> read = _tree.BeginReadOnlyTransaction();
        using ITransactionIterator<Memory<byte>, Memory<byte>> iterator = read.CreateIterator();
        Digest digest = default;
        Memory<byte> key = new byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key.Span);
            iterator.Seek(key);
            int left = following + 1;
            for (; left > 0 && iterator.Next(); left--)
            {
                digest.Add(iterator.CurrentKey.Span, iterator.CurrentValue.Span);
            }

            if (left > 0)
            {
                digest.AddMiss();
            }
        }

        return digest;
    }

    private static void Commit(ITransaction<Memory<byte>, Memory<byte>> transaction, CommitKind commit)
    {
        if (commit == CommitKind.Durable)
        {
            transaction.CommitDurableAsync().GetAwaiter().GetResult();
        }
        else
        {
            transaction.Commit();
        }
    }

    private static void Add(bool isFound, Memory<byte> value, ref Digest digest)
    {
        if (isFound)
        {
            digest.Add(value.Span);
        }
        else
        {
            digest.AddMiss();
        }
    }
}
