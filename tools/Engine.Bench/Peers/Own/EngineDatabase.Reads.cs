using System.Runtime.CompilerServices;
using Engine.Bench.Data;

namespace Engine.Bench.Peers.Own;

// Loops are methods of their own, as in the other peers, and never inlined: within the try block of their caller the
// JIT gives up on inlining what they call.
internal sealed partial class EngineDatabase
{
    public Digest Get(in KeyStream keys, OperationRange range)
    {
        using ReadTransaction read = _database.BeginRead();
        return GetLoop(read.Main, keys, range);
    }

    public Digest GetMany(in KeyStream keys, OperationRange range)
    {
        using ReadTransaction read = _database.BeginRead();
        return GetManyLoop(read.Main, keys, range);
    }

    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            using ReadTransaction read = _database.BeginRead();
            if (read.Main.TryGet(key, out ReadOnlySpan<byte> value))
            {
                digest.Add(value);
            }
            else
            {
                digest.AddMiss();
            }
        }

        return digest;
    }

    public Digest Scan(bool reverse)
    {
        using ReadTransaction read = _database.BeginRead();
        return reverse ? ScanBackward(read.Main.All().Reverse()) : ScanForward(read.Main.All());
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        using ReadTransaction read = _database.BeginRead();
        return SeekLoop(read.Main.OpenCursor(), keys, range, following);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest GetLoop(TreeReader reader, in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            if (reader.TryGet(key, out ReadOnlySpan<byte> value))
            {
                digest.Add(value);
            }
            else
            {
                digest.AddMiss();
            }
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Digest GetManyLoop(TreeReader reader, in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        for (long position = range.Start; position < range.End;)
        {
            int count = (int)Math.Min(_batch.Length, range.End - position);
            for (int i = 0; i < count; i++)
            {
                keys.Write(position + i, _batchBytes.AsSpan(i * KeyStream.KeyLength, KeyStream.KeyLength));
            }

            foreach (GetManyEntry lookup in reader.GetMany(_batch.AsSpan(0, count)))
            {
                if (lookup.IsFound)
                {
                    digest.Add(lookup.Value);
                }
                else
                {
                    digest.AddMiss();
                }
            }

            position += count;
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest ScanForward(TreeRange range)
    {
        Digest digest = default;
        foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in range)
        {
            digest.Add(key, value);
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest ScanBackward(ReverseTreeRange range)
    {
        Digest digest = default;
        foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in range)
        {
            digest.Add(key, value);
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest SeekLoop(ReadCursor cursor, in KeyStream keys, OperationRange range, int following)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            bool present = cursor.Seek(key);
            for (int left = following; present; left--)
            {
                digest.Add(cursor.Key, cursor.Value);
                if (left == 0)
                {
                    break;
                }

                present = cursor.MoveNext();
            }

            if (!present)
            {
                digest.AddMiss();
            }
        }

        return digest;
    }
}
