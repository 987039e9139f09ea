using Engine.Bench.Costs;
using Engine.Bench.Data;
using Engine.Storage;

namespace Engine.Bench.Peers.Own;

/// <summary>
/// A database of this engine, used through its public API. Life cycle here; loops in the other parts.
/// </summary>
internal sealed partial class EngineDatabase : IPeerDatabase
{
    /// <summary>Keys that are looked up at once.</summary>
    private const int Batch = 1000;

    private readonly Database _database;
    private readonly byte[] _batchBytes = new byte[Batch * KeyStream.KeyLength];
    private readonly ReadOnlyMemory<byte>[] _batch;

    /// <param name="directory">Where it lies.</param>
    /// <param name="readAhead">Whether the system may read ahead.</param>
    /// <param name="flushesDeferred">Whether deferred commits are made durable without being asked to.</param>
    public EngineDatabase(string directory, bool readAhead, bool flushesDeferred = false)
        : this(FileIn(directory), readAhead, flushesDeferred, Database.Open)
    {
    }

    /// <param name="path">The database file.</param>
    /// <param name="storage">Where it lies: tells what is written to it.</param>
    public EngineDatabase(string path, IStorage storage)
        : this(path, readAhead: true, flushesDeferred: false, (_, options) => Database.Open(storage, options))
    {
    }

    private EngineDatabase(
        string path, bool readAhead, bool flushesDeferred, Func<string, DatabaseOptions, Database> open)
    {
        _batch =
        [
            .. Enumerable.Range(0, Batch).Select(
                i => (ReadOnlyMemory<byte>)_batchBytes.AsMemory(i * KeyStream.KeyLength, KeyStream.KeyLength))
        ];
        DatabaseOptions usual = new();
        _database = open(path, new DatabaseOptions
        {
            // "Without flush" means that here, as it does for the others.
            FlushInterval = flushesDeferred ? usual.FlushInterval : Timeout.InfiniteTimeSpan,
            DeferredLimit = flushesDeferred ? usual.DeferredLimit : long.MaxValue,
            ReadAhead = readAhead,
        });
    }

    public CallCount Calls => default;

    public int PageSize => _database.PageSize;

    /// <summary>Levels of the tree.</summary>
    public int Depth
    {
        get
        {
            using ReadTransaction read = _database.BeginRead();
            return read.Main.GetStatistics().Depth;
        }
    }

    /// <summary>What the file is called.</summary>
    public static string FileIn(string directory) => Path.Combine(directory, "engine.db");

    public IDisposable Park() => _database.OpenSnapshot();

    public IPeerReader OpenReader() => new EngineReader(_database);

    public void Flush() => _database.Flush();

    public PeerSizes GetSizes()
    {
        using ReadTransaction read = _database.BeginRead();
        TreeStatistics tree = read.Main.GetStatistics();
        long pages = tree.LeafPages + tree.BranchPages + tree.OverflowPages;

        // The hole behind the last page takes no space, and is cut off when the database is closed.
        long file = (long)_database.GetStatistics().PageCount * _database.PageSize;
        return new PeerSizes(file, pages * _database.PageSize);
    }

    /// <summary>Pages of each level of the tree, the root first.</summary>
    public IReadOnlyList<long> CountLevels() => TreeLevels.Count(_database);

    public void Dispose() => _database.Dispose();

    private static CommitMode Mode(CommitKind commit) =>
        commit == CommitKind.Durable ? CommitMode.Durable : CommitMode.Deferred;
}
