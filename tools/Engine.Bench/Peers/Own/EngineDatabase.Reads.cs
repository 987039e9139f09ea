using Engine.Bench.Data;

namespace Engine.Bench.Peers.Own;

internal sealed partial class EngineDatabase
{
    public Digest Get(in KeyStream keys, OperationRange range)
    {
        using ReadTransaction read = _database.BeginRead();
        return GetLoop(read.Main, keys, range);
    }

    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            using ReadTransaction read = _database.BeginRead();
            if (read.TryGet(key, out ReadOnlySpan<byte> value))
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
        Digest digest = default;
        using ReadTransaction read = _database.BeginRead();
        if (reverse)
        {
            foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in read.Main.All().Reverse())
            {
                digest.Add(key, value);
            }
        }
        else
        {
            foreach ((ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) in read.Main.All())
            {
                digest.Add(key, value);
            }
        }

        return digest;
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        using ReadTransaction read = _database.BeginRead();
        return SeekLoop(read.Main.Cursor(), keys, range, following);
    }

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
