using System.Diagnostics;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using static Engine.Tests.Backups.BackupFixture;

namespace Engine.Tests.Backups;

/// <summary>How a backup is taken: since what, how fast, until when; and what becomes of one that fails.</summary>
public class BackupOptionsTests
{
    private Database _database = null!;

    [SetUp]
    public void Open()
    {
        _database = Sample.InMemory();
        Sample.Fill(_database, 0, 2000);
    }

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Since_OfAnotherDatabaseOrYounger_IsRefused()
    {
        using var older = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 1);
        using var newer = _database.OpenSnapshot();
        using var other = Sample.InMemory();
        using var foreign = other.OpenSnapshot();

        Assert.Throws<ArgumentException>(() => older.BackUp(Stream.Null, new BackupOptions { Since = newer }));
        Assert.Throws<ArgumentException>(() => newer.BackUp(Stream.Null, new BackupOptions { Since = foreign }));
        older.Dispose();
        Assert.Throws<ObjectDisposedException>(() => newer.BackUp(Stream.Null, new BackupOptions { Since = older }));
        Assert.Throws<ObjectDisposedException>(() => older.BackUp(Stream.Null));
    }

    [Test]
    public void Since_TheSameState_HasNoPages()
    {
        using var snapshot = _database.OpenSnapshot();
        var full = BackUp(snapshot);
        var info = snapshot.BackUp(Stream.Null, new BackupOptions { Since = snapshot });
        Assert.That(info.Pages, Is.Zero);
        using var restored = OpenRestored(Sample.TinyPage, full, BackUp(snapshot, snapshot));
        using var state = restored.OpenSnapshot();
        Assert.That(state.Main.Count, Is.EqualTo(2000));
    }

    [Test]
    public void BadArguments_AreRefused()
    {
        using var snapshot = _database.OpenSnapshot();
        Assert.Throws<ArgumentNullException>(() => snapshot.BackUp(null!));
        Assert.Throws<ArgumentException>(() => snapshot.BackUp(new MemoryStream([], writable: false)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => snapshot.BackUp(Stream.Null, new BackupOptions { BytesPerSecond = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => snapshot.BackUp(Stream.Null, new BackupOptions { Compression = (BackupCompression)9 }));
        Assert.Throws<ArgumentException>(() => Backup.Verify(Array.Empty<string>()));
        Assert.Throws<ArgumentNullException>(() => Backup.Verify((IEnumerable<string>)null!));
        Assert.Throws<DatabaseNotFoundException>(() => Backup.Verify(["/nowhere/at all"]));
    }

    [Test]
    public async Task AsynchronousBackup_MakesTheSameStream_WithAsynchronousCallsOnly(
        [Values] BackupCompression compression)
    {
        using var snapshot = _database.OpenSnapshot();
        var stream = new AsyncOnlyStream();
        var info = await snapshot.BackUpAsync(stream, new BackupOptions { Compression = compression });
        Assert.That(info.Pages, Is.GreaterThan(100));
        Assert.That(stream.Written.ToArray(), Is.EqualTo(BackUp(snapshot, null, compression)));
    }

    [Test]
    public void Rate_IsKept()
    {
        using var snapshot = _database.OpenSnapshot();
        var watch = Stopwatch.StartNew();
        var info = snapshot.BackUp(Stream.Null, new BackupOptions { BytesPerSecond = 500_000 });
        Assert.That(watch.Elapsed.TotalSeconds, Is.GreaterThan((info.Bytes!.Value - 25_000) / 500_000.0));
    }

    [Test]
    public void Cancellation_EndsASlowBackupAtOnce_AndLeavesATornStream([Values] BackupCompression compression)
    {
        using var snapshot = _database.OpenSnapshot();
        using var source = new CancellationTokenSource(50);
        var stream = new MemoryStream();
        var watch = Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => snapshot.BackUp(
            stream, new BackupOptions { BytesPerSecond = 1000, Compression = compression }, source.Token));
        Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(20));
        stream.Position = 0;
        Assert.Throws<BackupException>(() => Backup.Verify([stream]));
        snapshot.Dispose();
        Assert.That(_database.Core.LockFile.Readers.CollectOwnPins(new ulong[8]), Is.Zero);
    }

    [Test]
    public void Restore_WithSeveralThreads_GivesTheSame()
    {
        Sample.Fill(_database, 0, 3000);
        var chain = BackUp(_database);
        using var alone = new MemoryStorage();
        using var together = new MemoryStorage();

        var expected = Backup.Restore([new MemoryStream(chain)], alone);
        var report = Backup.Restore(
            [new MemoryStream(chain)], together, new RestoreOptions { MaxDegreeOfParallelism = 3 });

        Assert.That(
            (report.TransactionId, report.PageCount, report.FreePages, report.Trees, report.Entries),
            Is.EqualTo((
                expected.TransactionId, expected.PageCount, expected.FreePages, expected.Trees, expected.Entries)));
        using var restored = Database.Open(together, Sample.Options(_database.PageSize));
        AssertSame(Sample.ReadAll(restored), Sample.ReadAll(_database));
        Assert.That(restored.Check().IsOk);
    }

    [Test]
    public void Restore_WithAWrongDegree_ThrowsAndLeavesNothing([Values(0, -2)] int degree)
    {
        using var storage = new MemoryStorage();
        var chain = BackUp(_database);
        Assert.Throws<ArgumentOutOfRangeException>(() => Backup.Restore(
            [new MemoryStream(chain)], storage, new RestoreOptions { MaxDegreeOfParallelism = degree }));
        Assert.That(storage.Exists(out _), Is.False);
    }

    [Test]
    public void Cancellation_OfARestore_LeavesNothing()
    {
        using var source = new CancellationTokenSource();
        var storage = new MemoryStorage();
        var chain = new MemoryStream(BackUp(_database));
        Assert.Throws<OperationCanceledException>(() => Backup.Restore(
            [chain], storage, new RestoreOptions { Progress = new Cancelling(source) }, source.Token));
        Assert.That(storage.Exists(out _), Is.False);
    }

    [Test]
    public void Backup_WhoseTargetFails_SaysSo_AndEndsItsReaders([Values] BackupCompression compression)
    {
        using var snapshot = _database.OpenSnapshot();
        using var target = new FullStream(20_000);
        var exception = Assert.Throws<IOException>(
            () => snapshot.BackUp(target, new BackupOptions { Compression = compression }));
        Assert.That(exception!.Message, Is.EqualTo("full"));
        snapshot.Dispose();
        Assert.That(_database.Core.LockFile.Readers.CollectOwnPins(new ulong[8]), Is.Zero);
    }

    [Test]
    public void Backup_OfADatabaseThatIsClosedMeanwhile_SaysSo()
    {
        using var snapshot = _database.OpenSnapshot();
        using var target = new ClosingStream(_database);
        Assert.Throws<ObjectDisposedException>(() => snapshot.BackUp(target));
    }

    [Test]
    public void Snapshot_DisposedDuringItsBackup_StaysPinnedUntilItsEnd()
    {
        var snapshot = _database.OpenSnapshot();
        var stream = new MemoryStream();
        var disposing = new Doing(() =>
        {
            snapshot.Dispose();
            for (var i = 0; i < 5; i++)
            {
                Sample.Fill(_database, 0, 2000, i);
            }
        });
        snapshot.BackUp(stream, new BackupOptions { Progress = disposing });
        using var restored = OpenRestored(Sample.TinyPage, stream.ToArray());
        Assert.That(Sample.Get(restored, Sample.Key(7)), Is.EqualTo(Sample.Bytes(20, 7)));
    }

    [Test]
    public void Progress_OfRestore_CountsLinksAndPages()
    {
        using var snapshot = _database.OpenSnapshot();
        var chain = new[] { BackUp(snapshot), BackUp(snapshot, snapshot) };
        var seen = new Recorder();
        Backup.Verify(chain.Select(static link => new MemoryStream(link)), seen, default);
        Assert.That(seen.Reports.Select(static at => at.Link).Distinct(), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(seen.Reports[^1], Is.EqualTo(new BackupProgress(1, 0, chain[1].Length)));
    }

    [Test]
    public void ReadInfo_TellsWhatTheHeaderSays()
    {
        using var snapshot = _database.OpenSnapshot();
        var info = Backup.ReadInfo(new MemoryStream(BackUp(snapshot, snapshot, BackupCompression.ZLib)));
        Assert.That(
            (info.PageSize, info.BaseId, info.TransactionId, info.IsFull, info.Compression, info.Pages, info.Bytes),
            Is.EqualTo((
                Sample.TinyPage, snapshot.TransactionId, snapshot.TransactionId, false, BackupCompression.ZLib,
                (long?)null, (long?)null)));
    }

    [Test]
    public void Restore_NeverReplaces_AndWantsRoom()
    {
        var chain = BackUp(_database);
        var storage = new QuotaStorage();
        Restore(storage, chain);
        Assert.Throws<DatabaseBusyException>(() => Restore(storage, chain));

        for (var quota = 0; quota < storage.Used; quota += 7)
        {
            var full = new QuotaStorage { Quota = quota };
            var exception = Assert.Throws<DatabaseFullException>(() => Restore(full, chain));
            Assert.That(exception!.Message, Does.Contain("Nothing was created"));
            Assert.That(full.Exists(out _), Is.False);
        }
    }

    private sealed class Doing(Action action) : IProgress<BackupProgress>
    {
        private bool _isDone;

        public void Report(BackupProgress value)
        {
            if (!_isDone)
            {
                _isDone = true;
                action();
            }
        }
    }

    private sealed class Cancelling(CancellationTokenSource source) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => source.Cancel();
    }

    private sealed class Recorder : IProgress<BackupProgress>
    {
        public List<BackupProgress> Reports { get; } = [];

        public void Report(BackupProgress value) => Reports.Add(value);
    }
}
