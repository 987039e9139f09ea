using LightningDB;

namespace Engine.Bench.Peers.Lightning;

/// <summary>An environment with its unnamed database. Life cycle here; loops in the other parts.</summary>
internal sealed partial class LightningPeerDatabase : IPeerDatabase
{
    // Address space only, as for the peer lmdb.
    private const long MapSize = 256L << 30;

    private readonly string _path;
    private readonly LightningEnvironment _environment;
    private readonly LightningDatabase _database;

    public LightningPeerDatabase(string directory, bool readAhead)
    {
        _path = Path.Combine(directory, "lightning.mdb");
        _environment = new LightningEnvironment(_path, new EnvironmentConfiguration { MapSize = MapSize });
        try
        {
            _database = OpenDatabase(readAhead);
        }
        catch
        {
            // Its finalizer would end the process, and the error would never be seen.
            _environment.Dispose();
            throw;
        }
    }

    public CallCount Calls => default;

    public IDisposable Park() => _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);

    public IPeerReader OpenReader() => new LightningReader(_environment, _database);

    public void Flush() => _environment.Flush(force: true).ThrowOnError();

    public PeerSizes GetSizes()
    {
        using LightningTransaction transaction = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        Stats statistics = transaction.GetStats(_database);
        return new PeerSizes(
            new FileInfo(_path).Length,
            (statistics.BranchPages + statistics.LeafPages + statistics.OverflowPages) * statistics.PageSize);
    }

    public void Dispose()
    {
        _database.Dispose();
        _environment.Dispose();
    }

    private LightningDatabase OpenDatabase(bool readAhead)
    {
        _environment.Open(
            EnvironmentOpenFlags.NoSubDir | EnvironmentOpenFlags.NoThreadLocalStorage
            | (readAhead ? 0 : EnvironmentOpenFlags.NoReadAhead));
        using LightningTransaction transaction = _environment.BeginTransaction();
        LightningDatabase database = transaction.OpenDatabase();
        transaction.Commit().ThrowOnError();
        return database;
    }
}
