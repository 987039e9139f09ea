using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

/// <summary>A database with its default column family. Life cycle here; loops in the other parts.</summary>
internal sealed partial class RocksDbDatabase : IPeerDatabase
{
    private readonly string _path;
    private readonly RocksDbSharp.RocksDb _database;
    private readonly WriteBatch _batch = new();
    private readonly WriteOptions _durable = new WriteOptions().SetSync(true);
    private readonly WriteOptions _unflushed = new WriteOptions().SetSync(false);
    private readonly RocksDbDigest _reader = new();
    private int _loads;

    public RocksDbDatabase(string directory, long? memoryLimit)
    {
        _path = Path.Combine(directory, "rocksdb");
        _database = RocksDbSharp.RocksDb.Open(RocksDbOptions.Create(memoryLimit), _path);
    }

    public CallCount Calls => default;

    public IDisposable Park() => _database.CreateSnapshot();

    public IPeerReader OpenReader() => new RocksDbReader(_database);

    /// <summary>Writes what is in memory to files, and waits until these are merged as far as they will be.</summary>
    public void Flush()
    {
        _database.Flush(new FlushOptions().SetWaitForFlush(true));
        while (IsAtWork("rocksdb.compaction-pending") || IsAtWork("rocksdb.num-running-compactions")
            || IsAtWork("rocksdb.num-running-flushes"))
        {
            Thread.Sleep(1);
        }
    }

    public PeerSizes GetSizes() => new(PeerFiles.TotalLength(_path), LiveBytes: null);

    public void Dispose()
    {
        _batch.Dispose();
        _database.Dispose();
    }

    private bool IsAtWork(string property) => _database.GetProperty(property) is not (null or "0");
}
