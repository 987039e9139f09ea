using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Deferred commits are durable after the interval, whoever writes meanwhile. The clock is set by the tests.
/// </summary>
public class FlushIntervalTests
{
    private const int Interval = 1_000_000;

    private CountingStorage _storage = null!;
    private Database _database = null!;
    private long _now;

    [SetUp]
    public void Open()
    {
        _now = 5;
        _storage = new CountingStorage(new MemoryStorage());
        _database = Database.Open(_storage, new DatabaseOptions
        {
            FlushInterval = TimeSpan.FromMilliseconds(Interval),
            SettleAfter = Timeout.InfiniteTimeSpan,
            Clock = () => Volatile.Read(ref _now),
        });
        _storage.Counts.Reset();
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _storage.Dispose();
    }

    private bool IsAllDurable => _database.Core.DurableId == _database.Core.Published.Id;

    [Test]
    public void DeferredCommit_ThatFindsTheIntervalExceeded_FlushesByItself()
    {
        Put(0);
        Set(Interval - 1);
        Put(1);
        Assert.That(_storage.Counts.Flushes, Is.Zero, "the time is not over yet");

        // Nobody tells the flusher that the clock has moved: as if it had no processor to run on.
        Volatile.Write(ref _now, 5 + Interval);
        Put(2);
        Assert.That((IsAllDurable, _storage.Counts.Flushes), Is.EqualTo((true, 2)));
        Put(3);
        Assert.That(IsAllDurable, Is.False, "a new interval has begun");
    }

    [Test]
    public void Interval_IsKept_WhileTheGateIsAlwaysTaken()
    {
        Put(0);
        using var open = _database.BeginWrite();
        var next = _database.BeginWriteAsync().AsTask();
        Set(Interval);
        Patience.Until(() => IsAllDurable, "the flush while a transaction is open and another one waits");
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(2));
        open.Main.Put("b"u8, "2"u8);
        open.Commit(CommitMode.Deferred);
        Assert.That(IsAllDurable, Is.False);
        Set(2 * Interval);
        Patience.Until(() => IsAllDurable, "the next one");
        next.GetAwaiter().GetResult().Dispose();
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void Interval_BeginsWithTheOldestDeferredCommit_AndEndsWithWhatMakesThemDurable()
    {
        Put(0);
        Set(Interval - 1);
        Put(1);
        _database.Flush();
        Put(2);
        Set(Interval + 1);
        Put(3);
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(2), "only what was asked for");
        Set((2 * Interval) - 1);
        Patience.Until(() => IsAllDurable, "an interval after the first commit behind the flush");
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(4));
    }

    [Test]
    public async Task DeferredCommitAsync_ThatFindsTheIntervalExceeded_FlushesOnAnotherThread()
    {
        var threads = new List<int>();
        _storage.BeforeFlush = () => threads.Add(Environment.CurrentManagedThreadId);
        Put(0);
        var first = _database.Core.Published.Id;
        Volatile.Write(ref _now, 5 + Interval);
        var transaction = _database.BeginWrite();
        transaction.Main.Put("b"u8, "2"u8);
        var caller = Environment.CurrentManagedThreadId;
        await transaction.CommitAsync(CommitMode.Deferred);

        // The second is, too, unless the flusher saw by itself that it was time, just before.
        Assert.That(_database.Core.DurableId, Is.GreaterThanOrEqualTo(first));
        Assert.That(threads, Is.Not.Empty.And.None.EqualTo(caller));
    }

    private void Put(int number) => Sample.Put(_database, Sample.Key(number), "x"u8, CommitMode.Deferred);

    /// <summary>Sets the clock, and lets the flusher look at it.</summary>
    private void Set(long sinceOpened)
    {
        Volatile.Write(ref _now, 5 + sinceOpened);
        _database.Core.Writer!.WakeFlusher();
    }
}
