using Engine.Bench.Writers.Data;
using RocksDbSharp;

namespace Engine.Bench.Writers.Peers.RocksDb;

/// <summary>A thread's way to RocksDB: a batch that is used again.</summary>
internal sealed class RocksDbUpdater(RocksDbWriterDatabase database) : IUpdater
{
    private readonly WriteBatch _batch = new();
    private readonly WriteOptions _durable = new WriteOptions().SetSync(true);

    /// <summary>Players that the batch changes: a lookup in the database does not see that.</summary>
    private readonly Dictionary<long, (ulong Score, long Version)> _changed = [];

    public void Apply(ReadOnlyMemory<Update> updates)
    {
        ReadOnlySpan<Update> all = updates.Span;
        if (all.Length != 1 || !database.Data.HasBoard)
        {
            // Of the only writer there is, or without a lookup.
            Write(all);
            return;
        }

        lock (database.LockOf(all[0].Id))
        {
            Write(all);
        }
    }

    public void Dispose() => _batch.Dispose();

    private void Write(ReadOnlySpan<Update> updates)
    {
        _batch.Clear();
        _changed.Clear();
        foreach (Update update in updates)
        {
            Make(update);
        }

        database.Write(_batch, _durable);
    }

    private void Make(Update update)
    {
        Span<byte> key = stackalloc byte[database.Data.KeyLength];
        Span<byte> value = stackalloc byte[database.Data.ValueLength];
        database.Data.WriteKey(update.Id, key);
        if (database.Data.HasBoard)
        {
            Move(update, key, value);
        }

        WriterData.WriteValue(update.Author, update.Version, value);
        database.Put(_batch, key, value);
    }

    private void Move(Update update, ReadOnlySpan<byte> key, Span<byte> value)
    {
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        if (!_changed.TryGetValue(update.Id, out (ulong Score, long Version) player))
        {
            database.Get(key, value);
            player = (WriterData.ReadScore(value), WriterData.ReadVersion(value));
        }

        update.Version = player.Version + 1;
        _changed[update.Id] = (update.Score, update.Version);
        WriterData.WriteBoardKey(player.Score, update.Id, boardKey);
        database.Leave(_batch, boardKey);
        WriterData.WriteBoardKey(update.Score, update.Id, boardKey);
        database.Enter(_batch, boardKey);
    }
}
