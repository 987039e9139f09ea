using System.Runtime.CompilerServices;
using Engine.Bench.Data;
using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

internal sealed partial class RocksDbDatabase
{
    /// <summary>Keys of one MultiGet.</summary>
    private const int Batch = 100;

    public Digest Get(in KeyStream keys, OperationRange range)
    {
        using RocksDbSharp.Snapshot snapshot = _database.CreateSnapshot();
        return GetLoop(keys, range, new ReadOptions().SetSnapshot(snapshot));
    }

    public Digest GetMany(in KeyStream keys, OperationRange range)
    {
        using RocksDbSharp.Snapshot snapshot = _database.CreateSnapshot();
        ReadOptions options = new ReadOptions().SetSnapshot(snapshot);
        Digest digest = default;
        byte[][] batch = NewBatch(Batch);
        for (long position = range.Start; position < range.End;)
        {
            int count = (int)Math.Min(Batch, range.End - position);
            if (count < batch.Length)
            {
                batch = NewBatch(count);
            }

            for (int i = 0; i < count; i++)
            {
                keys.Write(position + i, batch[i]);
            }

            foreach ((_, byte[] value) in _database.MultiGet(batch, readOptions: options))
            {
                if (value is null)
                {
                    digest.AddMiss();
                }
                else
                {
                    digest.Add(value);
                }
            }

            position += count;
        }

        return digest;
    }

    public Digest GetInOwnTransactions(in KeyStream keys, OperationRange range) => GetLoop(keys, range, options: null);

    public Digest Scan(bool reverse)
    {
        using Iterator iterator = _database.NewIterator();
        return ScanLoop(iterator, reverse);
    }

    public Digest SeekAndNext(in KeyStream keys, OperationRange range, int following)
    {
        using Iterator iterator = _database.NewIterator();
        return SeekLoop(iterator, keys, range, following);
    }

    private static byte[][] NewBatch(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new byte[KeyStream.KeyLength])];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Digest GetLoop(in KeyStream keys, OperationRange range, ReadOptions? options)
    {
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            if (!_database.Get(key, _reader, null, options))
            {
                _reader.AddMiss();
            }
        }

        return _reader.Take();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest ScanLoop(Iterator iterator, bool reverse)
    {
        Digest digest = default;
        if (reverse)
        {
            for (iterator.SeekToLast(); iterator.Valid(); iterator.Prev())
            {
                digest.Add(iterator.GetKeySpan(), iterator.GetValueSpan());
            }
        }
        else
        {
            for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            {
                digest.Add(iterator.GetKeySpan(), iterator.GetValueSpan());
            }
        }

        return digest;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest SeekLoop(Iterator iterator, in KeyStream keys, OperationRange range, int following)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            keys.Write(position, key);
            iterator.Seek(key);
            bool present = iterator.Valid();
            for (int left = following; present; left--)
            {
                digest.Add(iterator.GetKeySpan(), iterator.GetValueSpan());
                if (left == 0)
                {
                    break;
                }

                iterator.Next();
                present = iterator.Valid();
            }

            if (!present)
            {
                digest.AddMiss();
            }
        }

        return digest;
    }
}
