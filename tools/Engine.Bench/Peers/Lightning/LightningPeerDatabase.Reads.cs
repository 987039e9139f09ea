using System.Runtime.CompilerServices;
using Engine.Bench.Data;
using LightningDB;

namespace Engine.Bench.Peers.Lightning;

internal sealed partial class LightningPeerDatabase
{
    public Digest Get(in KeyStream keys, OperationRange range)
    {
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        return GetLoop(transaction, keys, range);
    }

    public Digest GetMany(in KeyStream keys, OperationRange range) => Get(keys, range);

    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range)
    {
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        transaction.Reset();
        Digest digest = GetRenewingLoop(transaction, keys, range);

        // So that its slot is given back, as in LightningReader.
        transaction.Renew().ThrowOnError();
        return digest;
    }

    public Digest Scan(bool reverse)
    {
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using LightningCursor cursor = transaction.CreateCursor(_database);
        return ScanLoop(cursor, reverse);
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        using LightningCursor cursor = transaction.CreateCursor(_database);
        return SeekLoop(cursor, keys, range, following);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Digest GetLoop(LightningTransaction transaction, in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            Add(transaction.Get(_database, key), ref digest);
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Digest GetRenewingLoop(LightningTransaction transaction, in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            transaction.Renew().ThrowOnError();
            Add(transaction.Get(_database, key), ref digest);
            transaction.Reset();
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest ScanLoop(LightningCursor cursor, bool reverse)
    {
        Digest digest = default;
        (MDBResultCode result, MDBValue key, MDBValue value) = reverse ? cursor.Last() : cursor.First();
        while (result == MDBResultCode.Success)
        {
            digest.Add(key.AsSpan(), value.AsSpan());
            (result, key, value) = reverse ? cursor.Previous() : cursor.Next();
        }

        result.ThrowOnReadError();
        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest SeekLoop(LightningCursor cursor, in KeyStream keys, OperationRange range, int following)
    {
        Digest digest = default;
        Span<byte> wanted = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, wanted);
            MDBResultCode result = cursor.SetRange(wanted);
            MDBValue key = default, value = default;
            if (result == MDBResultCode.Success)
            {
                (result, key, value) = cursor.GetCurrent();
            }

            for (int left = following; result == MDBResultCode.Success; left--)
            {
                digest.Add(key.AsSpan(), value.AsSpan());
                if (left == 0)
                {
                    break;
                }

                (result, key, value) = cursor.Next();
            }

            if (result != MDBResultCode.Success)
            {
                result.ThrowOnReadError();
                digest.AddMiss();
            }
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add((MDBResultCode Result, MDBValue Key, MDBValue Value) found, ref Digest digest)
    {
        if (found.Result == MDBResultCode.Success)
        {
            digest.Add(found.Value.AsSpan());
        }
        else
        {
            found.Result.ThrowOnReadError();
            digest.AddMiss();
        }
    }
}
