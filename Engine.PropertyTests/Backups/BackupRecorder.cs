using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Storage;

namespace Engine.PropertyTests.Backups;

/// <summary>
/// Backs a database up again and again while a program runs on it, each time what was written since, and keeps what
/// each state held. Afterwards every point of the chain is restored and compared.
/// </summary>
internal sealed class BackupRecorder : IDisposable
{
    private const int Invariant = 21;

    private readonly int _every;
    private readonly List<byte[]> _chain = [];
    private readonly List<ulong> _digests = [];
    private Snapshot? _last;
    private int _steps;

    /// <param name="every">Backs up after so many steps.</param>
    public BackupRecorder(int every) => _every = every;

    /// <summary>Links so far.</summary>
    public int Links => _chain.Count;

    /// <summary>The state that it holds open, for the next link.</summary>
    public ulong? PinnedId => _last?.TransactionId;

    /// <summary>A step of the program has been made; a transaction may be open.</summary>
    public void AfterStep(Database database)
    {
        if (_steps++ % _every != 0)
        {
            return;
        }

        var snapshot = database.OpenSnapshot();
        using (var stream = new MemoryStream())
        {
            var compression = (BackupCompression)(_chain.Count % 3);
            var info = snapshot.BackUp(stream, new BackupOptions { Since = _last, Compression = compression });
            Require(
                compression != BackupCompression.None || info.Bytes <= (1.2 * info.Pages * database.PageSize) + 300,
                $"{info.Pages} pages take {info.Bytes} bytes");
            _chain.Add(stream.ToArray());
        }

        using (var read = snapshot.BeginRead())
        {
            _digests.Add(EngineContents.TreesDigest(database, read));
        }

        _last?.Dispose();
        _last = snapshot;
    }

    /// <summary>Restores every point, and compares.</summary>
    public void Check(OperationProgram program)
    {
        for (var links = 1; links <= _chain.Count; links++)
        {
            using var storage = new MemoryStorage();
            var report = Backup.Restore(_chain.Take(links).Select(static link => new MemoryStream(link)), storage);
            using var database = EngineHost.Open(storage, program);
            var check = database.Check();
            Require(check.IsOk, $"what {links} links restore is not sound: {check}");
            Require(check.Entries == report.Entries, $"{report.Entries} entries were counted, and {check.Entries}");
            using var read = database.BeginRead();
            Require(
                EngineContents.TreesDigest(database, read) == _digests[links - 1],
                $"{links} of {_chain.Count} links restore something else than what was backed up");
        }
    }

    public void Dispose() => _last?.Dispose();

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvariantViolationException(Invariant, what);
        }
    }
}
