using Engine.Bench.Writers.Data;
using RocksDbSharp;

namespace Engine.Bench.Writers.Peers.RocksDb;

/// <summary>A column family per tree.</summary>
internal sealed class RocksDbWriterDatabase : IWriterDatabase
{
    // Everything is to fit, as it does in the page cache that others use.
    private const ulong CacheBytes = 512UL << 20;
    private const int FilterBits = 10;

    /// <summary>Many more than clients, so that they seldom wait for one another's players.</summary>
    private const int LockCount = 1 << 16;

    private readonly RocksDbSharp.RocksDb _database;
    private readonly ColumnFamilyHandle _entries;
    private readonly ColumnFamilyHandle _board;
    private readonly Lock[] _locks = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];

    public RocksDbWriterDatabase(string directory, WriterData data)
    {
        Data = data;
        BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetBlockCache(Cache.CreateLru(CacheBytes))
            .SetFilterPolicy(BloomFilterPolicy.Create(FilterBits));
        ColumnFamilies families = new(new ColumnFamilyOptions())
        {
            { "entries", new ColumnFamilyOptions().SetBlockBasedTableFactory(table) },
            { "board", new ColumnFamilyOptions().SetBlockBasedTableFactory(table) },
        };
        DbOptions options = new DbOptions().SetCreateIfMissing().SetCreateMissingColumnFamilies();
        _database = RocksDbSharp.RocksDb.Open(options, directory, families);
        _entries = _database.GetColumnFamily("entries");
        _board = _database.GetColumnFamily("board");
    }

    public WriterData Data { get; }

    public string Form => "threads";

    public bool UsesTasks => false;

    public void Fill()
    {
        Span<byte> key = stackalloc byte[Data.KeyLength];
        Span<byte> value = stackalloc byte[Data.ValueLength];
        Span<byte> boardKey = stackalloc byte[WriterData.BoardKeyLength];
        WriteOptions options = new();
        using WriteBatch batch = new();
        long id = 0;
        while (id < Data.Entries)
        {
            long end = Math.Min(id + WriterData.PerFillTransaction, Data.Entries);
            for (; id < end; id++)
            {
                ulong author = Update.NobodyAt(id);
                Data.WriteKey(id, key);
                WriterData.WriteValue(author, 0, value);
                Put(batch, key, value);
                if (Data.HasBoard)
                {
                    WriterData.WriteBoardKey(Update.ScoreOf(author), id, boardKey);
                    Enter(batch, boardKey);
                }
            }

            _database.Write(batch, options);
            batch.Clear();
        }

        // Writes tables of all that is in memory, and merges them.
        _database.CompactRange((byte[]?)null, null, _entries);
        _database.CompactRange((byte[]?)null, null, _board);
    }

    public IUpdater OpenUpdater() => new RocksDbUpdater(this);

    public IAsyncUpdater OpenAsyncUpdater() => throw new NotSupportedException("RocksDB blocks the thread.");

    public void Scan(WriterTree tree, EntryVisitor visit)
    {
        using Iterator iterator = _database.NewIterator(tree == WriterTree.Board ? _board : _entries);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            visit(iterator.GetKeySpan(), iterator.GetValueSpan());
        }
    }

    public void Dispose() => _database.Dispose();

    /// <summary>What must be held from the lookup of an entry until its new value is written.</summary>
    public Lock LockOf(long id) => _locks[id & (LockCount - 1)];

    /// <summary>Copies the stored value of a key.</summary>
    /// <exception cref="BenchException">The key is not there.</exception>
    public void Get(ReadOnlySpan<byte> key, Span<byte> value)
    {
        if (!_database.GetFixedSizeValue(key, value, _entries, null))
        {
            throw new BenchException($"Player {WriterData.ReadId(key)} is not there.");
        }
    }

    public void Put(WriteBatch batch, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        batch.Put(key, value, _entries);

    public void Leave(WriteBatch batch, ReadOnlySpan<byte> boardKey) => batch.Delete(boardKey, _board);

    public void Enter(WriteBatch batch, ReadOnlySpan<byte> boardKey) => batch.Put(boardKey, [], _board);

    public void Write(WriteBatch batch, WriteOptions options) => _database.Write(batch, options);
}
