using Engine.Bench.Data;

namespace Engine.Bench.Peers.Own;

/// <summary>A database of this engine, used through its public API. Life cycle here; loops in the other parts.</summary>
internal sealed partial class EngineDatabase : IPeerDatabase
{
    private readonly string _path;
    private readonly Database _database;

    public EngineDatabase(string directory)
    {
        _path = Path.Combine(directory, "engine.db");
        _database = Database.Open(_path, new DatabaseOptions
        {
            // "Without flush" means that here, as it does for the others.
            FlushInterval = Timeout.InfiniteTimeSpan,
            DeferredLimit = long.MaxValue,
        });
    }

    public CallCount Calls => default;

    public IDisposable Park() => _database.OpenSnapshot();

    public void Flush() => _database.Flush();

    public PeerSizes GetSizes()
    {
        using ReadTransaction read = _database.BeginRead();
        TreeStatistics tree = read.Main.Statistics;
        long pages = (long)(tree.LeafPages + tree.BranchPages + tree.OverflowPages);
        return new PeerSizes(new FileInfo(_path).Length, pages * _database.PageSize);
    }

    public void Dispose() => _database.Dispose();

    private static CommitMode Mode(CommitKind commit) => commit == CommitKind.Durable ? CommitMode.Durable : CommitMode.Deferred;
}
