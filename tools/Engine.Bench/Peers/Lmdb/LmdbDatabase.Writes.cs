using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Engine.Bench.Data;

namespace Engine.Bench.Peers.Lmdb;

internal sealed unsafe partial class LmdbDatabase
{
    public void Put(
        in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit) =>
        Put(keys, values, range, perTransaction, commit, 0);

    public void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit) =>
        Put(keys, values, range, int.MaxValue, commit, LmdbNative.Append);

    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit)
    {
        Use(commit);
        nint transaction = Begin(0);
        nint cursor;
        LmdbNative.Check(LmdbNative.OpenCursor(transaction, _database, &cursor));
        int result = DeleteRangeLoop(cursor, from, to, out long deleted);
        LmdbNative.CloseCursor(cursor);
        Finish(transaction, result);
        _hotCalls += deleted + 1;
        _fullCalls += 4 + deleted;
        return deleted;
    }

    private void Put(
        in KeyStream keys,
        in ValueSource values,
        OperationRange range,
        int perTransaction,
        CommitKind commit,
        uint flags)
    {
        Use(commit);
        byte[] buffer = values.GetBuffer();
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            nint transaction = Begin(0);
            int result = PutLoop(transaction, keys, values, buffer, position, end, flags);
            Finish(transaction, result);
            _fullCalls += 2 + (end - position);
            position = end;
        }
    }

    public Digest Delete(in KeyStream keys, OperationRange range, int perTransaction, CommitKind commit)
    {
        Use(commit);
        Digest digest = default;
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            nint transaction = Begin(0);
            int result = DeleteLoop(transaction, keys, position, end, ref digest);
            Finish(transaction, result);
            _fullCalls += 2 + (end - position);
            position = end;
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int PutLoop(
        nint transaction, in KeyStream keys, in ValueSource values, byte[] buffer, long position, long end, uint flags)
    {
        byte* bytes = stackalloc byte[KeyStream.KeyLength];
        LmdbValue key = new(bytes, KeyStream.KeyLength);

        // The buffer was allocated pinned, so its address holds for as long as it is alive: `buffer` is used up to the
        // loop's end.
        byte* valueBytes = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(buffer));
        for (; position < end; position++)
        {
            ulong ordinal = keys.Write(position, new Span<byte>(bytes, KeyStream.KeyLength));
            values.Write(ordinal, buffer);
            LmdbValue value = new(valueBytes, (nuint)buffer.Length);
            int result = LmdbNative.Put(transaction, _database, &key, &value, flags);
            if (result != 0)
            {
                return result;
            }
        }

        GC.KeepAlive(buffer);
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int DeleteLoop(nint transaction, in KeyStream keys, long position, long end, ref Digest digest)
    {
        byte* bytes = stackalloc byte[KeyStream.KeyLength];
        LmdbValue key = new(bytes, KeyStream.KeyLength);
        for (; position < end; position++)
        {
            keys.Write(position, new Span<byte>(bytes, KeyStream.KeyLength));
            int result = LmdbNative.Delete(transaction, _database, &key, null);
            if (result is not (0 or LmdbNative.NotFound))
            {
                return result;
            }

            digest.AddAnswer(result == 0);
        }

        return 0;
    }

    // A deleted entry's successor takes its place: "next" then is the entry behind it, unless it was the last of its
    // page.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int DeleteRangeLoop(nint cursor, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, out long deleted)
    {
        deleted = 0;
        fixed (byte* start = from)
        {
            LmdbValue key = new(start, (nuint)from.Length);
            LmdbValue value;
            int result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.SetRange);
            while (result == 0 && new ReadOnlySpan<byte>(key.Data, (int)key.Size).SequenceCompareTo(to) < 0)
            {
                result = LmdbNative.CursorDelete(cursor, 0);
                if (result != 0)
                {
                    return result;
                }

                deleted++;
                result = LmdbNative.CursorGetHot(cursor, &key, &value, LmdbCursorOperation.Next);
            }

            return result == LmdbNative.NotFound ? 0 : result;
        }
    }

    private static void Finish(nint transaction, int result)
    {
        if (result != 0)
        {
            LmdbNative.Abort(transaction);
            LmdbNative.Check(result);
        }

        LmdbNative.Check(LmdbNative.Commit(transaction));
    }
}
