using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Engine.Diagnostics;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Tests.Transactions;

namespace Engine.Tests.Observability;

/// <summary>Each instrument says what is so.</summary>
public class InstrumentTests
{
    private const string Durable = "engine.commit.mode=durable";
    private const string Deferred = "engine.commit.mode=deferred";

    private MeterHarness _meters = null!;
    private CountingStorage _storage = null!;
    private Database _database = null!;
    private long _now = 1_000_000;

    [SetUp]
    public void Open()
    {
        _meters = new MeterHarness();
        _storage = new CountingStorage(new MemoryStorage());
        _database = Database.Open(_storage, Options());
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _meters.Dispose();
        _storage.Dispose();
    }

    [Test]
    public void Commits_AreCountedByMode()
    {
        Sample.Put(_database, "a"u8, "1"u8);
        Sample.Put(_database, "a"u8, "2"u8, CommitMode.Deferred);
        Sample.Put(_database, "a"u8, "3"u8, CommitMode.Deferred);
        using (var unchanged = _database.BeginWrite())
        {
            unchanged.Commit();
        }

        Assert.That(_meters.Observe("engine.db.commits"), Is.EquivalentTo([(1.0, Durable), (2.0, Deferred)]));
    }

    [Test]
    public async Task CommitDuration_IsMeasuredForEachTransactionThatChangedSomething_HoweverItCommits()
    {
        Sample.Put(_database, "a"u8, "1"u8);
        Sample.Put(_database, "a"u8, "2"u8, CommitMode.Deferred);
        await using (var transaction = await _database.BeginWriteAsync())
        {
            transaction.Main.Put("a"u8, "3"u8);
            await transaction.CommitAsync(CommitMode.Durable);
        }

        await _database.WriteAsync(static transaction => transaction.Main.TryAdd("b"u8, "1"u8));
        using (var unchanged = _database.BeginWrite())
        {
            unchanged.Commit();
        }

        var measured = _meters.Of("engine.db.commit.duration");
        Assert.That(
            measured.Select(static it => it.Tags), Is.EqualTo([Durable, Deferred, Durable, Durable]));
        Assert.That(measured.Select(static it => it.Value), Has.All.GreaterThan(0).And.All.LessThan(60));
    }

    [Test]
    public void CommitDuration_AndFlushDuration_HaveTheTimeOfTheFlush()
    {
        _storage.BeforeFlush = static () => Thread.Sleep(30);
        Sample.Put(_database, "a"u8, "1"u8);
        _storage.BeforeFlush = null;

        var flush = _meters.Of("engine.db.flush.duration").Single();
        var commit = _meters.Of("engine.db.commit.duration").Single();
        Assert.That(flush.Value, Is.InRange(0.029, 60));
        Assert.That(commit.Value, Is.InRange(flush.Value, 60));
    }

    [Test]
    public void FlushDuration_IsMeasuredForEachFlush()
    {
        _storage.Counts.Reset();
        Sample.Put(_database, "a"u8, "1"u8);
        Sample.Put(_database, "a"u8, "2"u8, CommitMode.Deferred);
        _database.Flush();

        Assert.That(_storage.Counts.Flushes, Is.EqualTo(3), "one, and two for what was deferred");
        Assert.That(_meters.Of("engine.db.flush.duration"), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task GroupSize_IsHowManySharedACommit()
    {
        await CommitThreeOfWhichTwoShare(_database, _storage);

        Assert.That(_meters.Of("engine.db.commit.group.size").Select(static it => it.Value), Is.EqualTo([1.0, 2.0]));
        Assert.That(_meters.Of("engine.db.commit.duration"), Has.Count.EqualTo(3));
        Assert.That(_meters.Observe("engine.db.commits"), Does.Contain((3.0, Durable)));
    }

    [Test]
    public void Written_IsWhatWentToTheFile()
    {
        _storage.Counts.Reset();
        var pages = _meters.ObserveOne("engine.db.pages.written");
        var bytes = _meters.ObserveOne("engine.db.file.written");
        Sample.Fill(_database, 0, 3000);
        Sample.Put(_database, "large"u8, new byte[600_000]);
        Sample.Put(_database, "a"u8, "2"u8, CommitMode.Deferred);
        _database.Flush();

        var written = _storage.Counts.WrittenBytes;
        var metas = _storage.Counts.Writes.Count(static write => write.Offset < 16384);
        Assert.That(metas, Is.EqualTo(3));
        Assert.That(_meters.ObserveOne("engine.db.file.written") - bytes, Is.EqualTo(written));
        Assert.That(
            _meters.ObserveOne("engine.db.pages.written") - pages,
            Is.EqualTo((written - (metas * 4096)) / _database.PageSize));
    }

    [Test]
    public void FileSize_AndFreePages_AreThoseOfTheStatistics()
    {
        Sample.Fill(_database, 0, 3000);
        using var snapshot = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 1500, valueLength: 25);
        var statistics = _database.GetStatistics();

        Assert.That(statistics.PendingPages, Is.GreaterThan(10));
        Assert.That(_meters.ObserveOne("engine.db.file.size"), Is.EqualTo(statistics.FileLength));
        Assert.That(_meters.Observe("engine.db.pages.free"), Is.EquivalentTo([
            ((double)(statistics.FreePages - statistics.PendingPages.Value), "engine.page.state=reusable"),
            ((double)statistics.PendingPages.Value, "engine.page.state=pending"),
        ]));
    }

    [Test]
    public void VerifiedPages_AreThoseThatWereReadOrWritten([Values] bool readOnly)
    {
        using var directory = new TempDirectory();
        using (var made = Database.Open(directory.DatabasePath))
        {
            Sample.Fill(made, 0, 3000);
        }

        using var database = Database.Open(directory.DatabasePath, Options(readOnly: readOnly));
        Assert.That(_meters.ObserveOne("engine.db.pages.verified", "test.db"), Is.Zero);

        Sample.ReadAll(database);
        var verified = database.GetStatistics().TreePages;
        Assert.That(verified, Is.GreaterThan(20));
        Assert.That(_meters.ObserveOne("engine.db.pages.verified", "test.db"), Is.EqualTo(verified));
    }

    [Test]
    public void Pins_OldestAndLargest_AreThoseOfTheReaders()
    {
        Sample.Fill(_database, 0, 2000);
        Assert.That(_meters.ObserveOne("engine.db.pins"), Is.Zero);
        Assert.That(_meters.ObserveOne("engine.db.pin.oldest.transactions"), Is.Zero);
        Assert.That(_meters.ObserveOne("engine.db.pin.oldest.time"), Is.Zero);
        Assert.That(_meters.ObserveOne("engine.db.pin.oldest.pages"), Is.Zero);
        Assert.That(_meters.ObserveOne("engine.db.pin.largest.pages"), Is.Zero);

        using var oldest = _database.OpenSnapshot();
        _now += 5_000;
        Sample.Put(_database, Sample.Key(1), "changed"u8);
        using var newer = _database.OpenSnapshot();
        newer.Tag = "report";
        Sample.Fill(_database, 0, 2000, valueLength: 21);
        _now += 9_000;

        var readers = _database.GetReaders();
        Assert.That(_meters.ObserveOne("engine.db.pins"), Is.EqualTo(2));
        Assert.That(_meters.ObserveOne("engine.db.pin.oldest.transactions"), Is.EqualTo(2));
        Assert.That(_meters.ObserveOne("engine.db.pin.oldest.time"), Is.EqualTo(9));
        Assert.That(_meters.ObserveOne("engine.db.pin.oldest.pages"), Is.EqualTo(readers[0].Pages).And.GreaterThan(5));
        Assert.That(
            _meters.Observe("engine.db.pin.largest.pages").Single(),
            Is.EqualTo(((double)_database.FindLargestHolder()!.Pages!.Value, "engine.pin.holder=this process")));

        oldest.Dispose();
        Sample.Put(_database, "zz"u8, "1"u8);
        Assert.That(
            _meters.Observe("engine.db.pin.largest.pages").Single().Tags, Is.EqualTo("engine.pin.holder=report"));
    }

    [Test]
    public void Holder_WithTracking_IsWhereItWasOpened()
    {
        using var database = Database.OpenInMemory(Options(name: "tracked", tracks: true));
        Sample.Fill(database, 0, 2000);
        using var snapshot = database.OpenSnapshot();
        Sample.Fill(database, 0, 2000, valueLength: 21);

        Assert.That(
            _meters.Observe("engine.db.pin.largest.pages", "tracked").Single().Tags,
            Does.StartWith($"engine.pin.holder={GetType().FullName}.{nameof(Holder_WithTracking_IsWhereItWasOpened)}"));
    }

    [Test]
    public void Databases_OfOneMeter_AreToldApartByTheirNames_AndAClosedOneIsNoMoreObserved()
    {
        using var directory = new TempDirectory();
        using var named = Database.OpenInMemory(Options(name: "orders"));
        var file = Database.Open(directory.DatabasePath, Options());
        Sample.Put(named, "a"u8, "1"u8);
        Sample.Put(named, "b"u8, "1"u8);
        Sample.Put(file, "a"u8, "1"u8);

        Assert.That((_database.Name, named.Name, file.Name), Is.EqualTo((MeterHarness.InMemory, "orders", "test.db")));
        Assert.That(_meters.Observe("engine.db.commits", "orders"), Does.Contain((2.0, Durable)));
        Assert.That(_meters.Observe("engine.db.commits", "test.db"), Does.Contain((1.0, Durable)));

        file.Dispose();
        Assert.That(_meters.Observe("engine.db.commits", "test.db"), Is.Empty);
        Assert.That(_meters.Observe("engine.db.commits", "orders"), Is.Not.Empty);
    }

    [Test]
    public void Databases_OfOtherMeters_AreNotObserved()
    {
        using var others = new MeterHarness();
        using var other = Database.OpenInMemory(Options(name: "other", factory: others));
        Sample.Put(other, "a"u8, "1"u8);

        Assert.That(_meters.Observe("engine.db.file.size", "other"), Is.Empty);
        Assert.That(_meters.Of("engine.db.commit.duration", "other"), Is.Empty);
        Assert.That(others.Observe("engine.db.file.size", "other"), Is.Not.Empty);
    }

    [Test]
    public void Databases_ThatAreForgotten_AreNotKeptAlive()
    {
        var forgotten = Forget();

        Assert.That(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return forgotten.TryGetTarget(out _);
            },
            Is.False.After(10_000, 50));
        Assert.That(_meters.Observe("engine.db.file.size", "forgotten"), Is.Empty);
    }

    [Test]
    public void Databases_OpenReadOnly_TellWhatTheyKnow()
    {
        using var directory = new TempDirectory();
        Database.Open(directory.DatabasePath).Dispose();
        using var reader = Database.Open(directory.DatabasePath, Options(readOnly: true));

        Assert.That(_meters.Observe("engine.db.file.size", "test.db"), Has.Count.EqualTo(1));
        Assert.That(_meters.Observe("engine.db.pins", "test.db"), Has.Count.EqualTo(1));
        Assert.That(_meters.Observe("engine.db.commits", "test.db"), Is.Empty);
        Assert.That(_meters.Observe("engine.db.pages.free", "test.db"), Is.Empty);
        Assert.That(_meters.Observe("engine.db.pin.oldest.pages", "test.db"), Is.Empty);
    }

    [Test]
    public void SharedMeter_HasTheDatabasesWithoutAFactory()
    {
        var sizes = new List<long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Name: "engine.db.file.size", Meter: { Name: "Engine", Scope: null } })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, size, tags, _) =>
        {
            if (tags.Contains(new("db.namespace", "shared")))
            {
                sizes.Add(size);
            }
        });
        using var database = Database.OpenInMemory(new DatabaseOptions { Name = "shared" });
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.That(sizes, Is.EqualTo([database.GetStatistics().FileLength]));
    }

    [Test]
    public void Listener_ThatThrows_DoesNotFailACommit()
    {
        using var factory = new MeterHarness(listens: false);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        var calls = 0;
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Fail(ref calls));
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => Fail(ref calls));
        listener.Start();
        using var database = Database.OpenInMemory(Options(factory: factory));

        Assert.DoesNotThrow(() => Sample.Put(database, "a"u8, "1"u8));
        Assert.That(calls, Is.GreaterThanOrEqualTo(3), "the flush, the group and the commit");
        Assert.That(database.State, Is.EqualTo(DatabaseState.Open));
    }

    [Test]
    public void SlowCommit_OutOfItsRange_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Database.OpenInMemory(new DatabaseOptions { SlowCommit = TimeSpan.Zero }));

    /// <summary>One commit whose flush waits until two others have joined the next.</summary>
    internal static async Task CommitThreeOfWhichTwoShare(Database database, CountingStorage storage)
    {
        using var isFlushing = new ManualResetEventSlim();
        using var mayFlush = new ManualResetEventSlim();
        storage.BeforeFlush = () =>
        {
            isFlushing.Set();
            mayFlush.Wait(60_000);
        };
        var first = Task.Factory.StartNew(
            () => Sample.Put(database, "a"u8, "1"u8),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.That(isFlushing.Wait(60_000));
        var others = new List<Task>();
        foreach (var key in (byte[][])["b"u8.ToArray(), "c"u8.ToArray()])
        {
            await using var transaction = await database.BeginWriteAsync();
            transaction.Main.Put(key, "1"u8);
            others.Add(transaction.CommitAsync(CommitMode.Durable).AsTask());
        }

        mayFlush.Set();
        await first;
        await Task.WhenAll(others);
        storage.BeforeFlush = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference<Database> Forget()
    {
        var database = Database.OpenInMemory(Options(name: "forgotten"));
        Assert.That(_meters.Observe("engine.db.file.size", "forgotten"), Has.Count.EqualTo(1));
        return new WeakReference<Database>(database);
    }

    private static void Fail(ref int calls)
    {
        calls++;
        throw new InvalidOperationException("a listener that fails");
    }

    private DatabaseOptions Options(
        string? name = null, bool readOnly = false, bool tracks = false, IMeterFactory? factory = null)
    {
        return new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            MeterFactory = factory ?? _meters,
            Name = name,
            ReadOnly = readOnly,
            TrackTransactions = tracks,
            Clock = () => _now,
        };
    }
}
