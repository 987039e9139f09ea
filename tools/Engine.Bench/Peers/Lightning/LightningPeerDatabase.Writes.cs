using Engine.Bench.Data;
using LightningDB;

namespace Engine.Bench.Peers.Lightning;

internal sealed partial class LightningPeerDatabase
{
    public void Put(
        in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit) =>
        Put(keys, values, range, perTransaction, commit, PutOptions.None);

    public void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit) =>
        Put(keys, values, range, int.MaxValue, commit, PutOptions.AppendData);

    // A deleted entry's successor takes its place, and "next" is that one, unless it was the last of its page.
    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit)
    {
        using LightningTransaction transaction = Begin(commit);
        long deleted = 0;
        using (LightningCursor cursor = transaction.CreateCursor(_database))
        {
            MDBResultCode result = cursor.SetRange(from);
            MDBValue key = default;
            if (result == MDBResultCode.Success)
            {
                (result, key, _) = cursor.GetCurrent();
            }

            while (result == MDBResultCode.Success && key.AsSpan().SequenceCompareTo(to) < 0)
            {
                cursor.Delete().ThrowOnError();
                deleted++;
                (result, key, _) = cursor.Next();
            }

            result.ThrowOnReadError();
        }

        transaction.Commit().ThrowOnError();
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
            using LightningTransaction transaction = Begin(commit);
            for (; position < end; position++)
            {
                keys.Write(position, key);
                MDBResultCode result = transaction.Delete(_database, key);
                result.ThrowOnReadError();
                digest.AddAnswer(result == MDBResultCode.Success);
            }

            transaction.Commit().ThrowOnError();
        }

        return digest;
    }

    private void Put(
        in KeyStream keys,
        in ValueSource values,
        OperationRange range,
        int perTransaction,
        CommitKind commit,
        PutOptions options)
    {
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            using LightningTransaction transaction = Begin(commit);
            for (; position < end; position++)
            {
                values.Write(keys.Write(position, key), value);
                transaction.Put(_database, key, value, options).ThrowOnError();
            }

            transaction.Commit().ThrowOnError();
        }
    }

    private LightningTransaction Begin(CommitKind commit) => _environment.BeginTransaction(
        commit == CommitKind.Durable ? TransactionBeginFlags.None : TransactionBeginFlags.NoSync);
}
