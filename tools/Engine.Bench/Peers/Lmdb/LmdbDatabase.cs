using Engine.Bench.Data;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>An LMDB environment with its unnamed database. Life cycle here; loops in the other parts.</summary>
internal sealed unsafe partial class LmdbDatabase : IPeerDatabase
{
    // Address space only; the file grows as needed. Parked readers make it grow by gigabytes.
    private const ulong MapSize = 256UL << 30;

    private readonly string _path;
    private readonly uint _database;
    private nint _environment;
    private bool _noSync;
    private long _hotCalls;
    private long _fullCalls;

    public LmdbDatabase(string directory, bool readAhead)
    {
        _path = Path.Combine(directory, "lmdb.mdb");
        ulong mapSize = MapSize;
        nint environment;
        LmdbNative.Check(LmdbNative.CreateEnvironment(&environment));
        _environment = environment;
        try
        {
            LmdbNative.Check(LmdbNative.SetMapSize(environment, (nuint)mapSize));
            const uint Mode = 0b110_100_100;
            LmdbNative.Check(LmdbNative.OpenEnvironment(
                environment,
                _path,
                LmdbNative.NoSubdirectory | LmdbNative.NoThreadLocalStorage | (readAhead ? 0 : LmdbNative.NoReadAhead),
                Mode));
            nint transaction = Begin(0);
            uint database;
            LmdbNative.Check(LmdbNative.OpenDatabase(transaction, null, 0, &database));
            LmdbNative.Check(LmdbNative.Commit(transaction));
            _database = database;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public CallCount Calls => new(_hotCalls, _fullCalls);

    public IDisposable Park() => new ParkedReader(Begin(LmdbNative.ReadOnly));

    public IPeerReader OpenReader() => new LmdbReader(_environment, _database);

    public void Flush() => LmdbNative.Check(LmdbNative.Sync(_environment, 1));

    public PeerSizes GetSizes()
    {
        nint transaction = Begin(LmdbNative.ReadOnly);
        LmdbStatistics statistics;
        int result = LmdbNative.GetStatistics(transaction, _database, &statistics);
        LmdbNative.Abort(transaction);
        LmdbNative.Check(result);
        return new PeerSizes(new FileInfo(_path).Length, statistics.LiveBytes);
    }

    public void Dispose()
    {
        if (_environment != 0)
        {
            LmdbNative.CloseEnvironment(_environment);
            _environment = 0;
        }
    }

    private nint Begin(uint flags)
    {
        nint transaction;
        LmdbNative.Check(LmdbNative.Begin(_environment, 0, flags, &transaction));
        return transaction;
    }

    private void Use(CommitKind commit)
    {
        bool noSync = commit == CommitKind.NoFlush;
        if (noSync != _noSync)
        {
            LmdbNative.Check(LmdbNative.SetEnvironmentFlags(_environment, LmdbNative.NoSync, noSync ? 1 : 0));
            _noSync = noSync;
        }
    }

    private sealed class ParkedReader(nint transaction) : IDisposable
    {
        private nint _transaction = transaction;

        public void Dispose()
        {
            if (_transaction != 0)
            {
                LmdbNative.Abort(_transaction);
                _transaction = 0;
            }
        }
    }
}
