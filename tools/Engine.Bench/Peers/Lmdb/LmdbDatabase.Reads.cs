using System.Runtime.CompilerServices;
using Engine.Bench.Data;

namespace Engine.Bench.Peers.Lmdb;

// The loops are methods of their own, without try blocks and never inlined into one: the JIT does not inline native
// calls within those.
internal sealed unsafe partial class LmdbDatabase
{
    public Digest Get(in KeyStream keys, OperationRange range)
    {
        nint transaction = Begin(LmdbNative.ReadOnly);
        try
        {
            return GetLoop(transaction, _database, keys, range);
        }
        finally
        {
            LmdbNative.Abort(transaction);
            _hotCalls += range.Count;
            _fullCalls += 2;
        }
    }

    public Digest GetMany(in KeyStream keys, OperationRange range) => Get(keys, range);

    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range)
    {
        nint transaction = Begin(LmdbNative.ReadOnly);
        LmdbNative.ResetHot(transaction);
        try
        {
            return GetRenewingLoop(transaction, _database, keys, range);
        }
        finally
        {
            LmdbNative.Abort(transaction);
            _hotCalls += 3 * range.Count;
            _fullCalls += 2;
        }
    }

    public Digest Scan(bool reverse)
    {
        nint transaction = Begin(LmdbNative.ReadOnly);
        nint cursor = OpenCursor(transaction);
        try
        {
            Digest digest = ScanLoop(
                cursor,
                reverse ? LmdbCursorOperation.Last : LmdbCursorOperation.First,
                reverse ? LmdbCursorOperation.Previous : LmdbCursorOperation.Next);
            _hotCalls += digest.Hits + 1;
            return digest;
        }
        finally
        {
            Close(cursor, transaction);
        }
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        nint transaction = Begin(LmdbNative.ReadOnly);
        nint cursor = OpenCursor(transaction);
        try
        {
            Digest digest = SeekLoop(cursor, keys, range, following);
            _hotCalls += digest.Hits + digest.Misses;
            return digest;
        }
        finally
        {
            Close(cursor, transaction);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest GetLoop(nint transaction, uint database, in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        byte* bytes = stackalloc byte[KeyStream.KeyLength];
        LmdbValue key = new(bytes, KeyStream.KeyLength), value;
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, new Span<byte>(bytes, KeyStream.KeyLength));
            int result = LmdbNative.GetHot(transaction, database, &key, &value);
            if (result == 0)
            {
                digest.Add(value.Span);
            }
            else
            {
                Expect(result, LmdbNative.NotFound);
                digest.AddMiss();
            }
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest GetRenewingLoop(nint transaction, uint database, in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        byte* bytes = stackalloc byte[KeyStream.KeyLength];
        LmdbValue key = new(bytes, KeyStream.KeyLength), value;
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, new Span<byte>(bytes, KeyStream.KeyLength));
            Expect(LmdbNative.RenewHot(transaction), 0);
            int result = LmdbNative.GetHot(transaction, database, &key, &value);
            if (result == 0)
            {
                digest.Add(value.Span);
            }
            else
            {
                Expect(result, LmdbNative.NotFound);
                digest.AddMiss();
            }

            LmdbNative.ResetHot(transaction);
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest ScanLoop(nint cursor, LmdbCursorOperation first, LmdbCursorOperation next)
    {
        Digest digest = default;
        LmdbValue key, value;
        int result = LmdbNative.CursorGetHot(cursor, &key, &value, first);
        while (result == 0)
        {
            digest.Add(key.Span, value.Span);
            result = LmdbNative.CursorGetHot(cursor, &key, &value, next);
        }

        Expect(result, LmdbNative.NotFound);
        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest SeekLoop(nint cursor, in KeyStream keys, OperationRange range, int following)
    {
        Digest digest = default;
        byte* bytes = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, new Span<byte>(bytes, KeyStream.KeyLength));
            LmdbValue key = new(bytes, KeyStream.KeyLength), value;
            int result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.SetRange);
            for (int left = following; result == 0; left--)
            {
                digest.Add(key.Span, value.Span);
                if (left == 0)
                {
                    break;
                }

                result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.Next);
            }

            if (result != 0)
            {
                Expect(result, LmdbNative.NotFound);
                digest.AddMiss();
            }
        }

        return digest;
    }

    private nint OpenCursor(nint transaction)
    {
        nint cursor;
        int result = LmdbNative.OpenCursor(transaction, _database, &cursor);
        if (result != 0)
        {
            LmdbNative.Abort(transaction);
            LmdbNative.Check(result);
        }

        return cursor;
    }

    private void Close(nint cursor, nint transaction)
    {
        LmdbNative.CloseCursor(cursor);
        LmdbNative.Abort(transaction);
        _fullCalls += 4;
    }

    private static void Expect(int result, int expected)
    {
        if (result != expected)
        {
            LmdbNative.Check(result);
        }
    }
}
