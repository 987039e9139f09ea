using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>Ends to the tick, and what is written of them.</summary>
public class ExpirationTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private TestCache _test = null!;

    private EngineCache Cache => _test.Cache;

    [SetUp]
    public void Open() => _test = new TestCache(static options => options.HasThread = false);

    [TearDown]
    public void Close() => _test.Dispose();

    [Test]
    public void Entry_EndsExactlyAtItsAbsoluteEnd([Values] bool isWritten)
    {
        Cache.Set("key", [1], Within(Minute));
        Write(isWritten);
        _test.Clock.Advance(Minute - Tick);
        Assert.That(Cache.Get("key"), Is.Not.Null);
        _test.Clock.Advance(Tick);
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void SlidingEntry_EndsExactlyOneWindowAfterItWasReadLast([Values] bool isWritten)
    {
        Cache.Set("key", [1], Sliding(Minute));
        Write(isWritten);
        _test.Clock.Advance(Minute - Tick);
        Assert.That(Cache.Get("key"), Is.Not.Null);
        Write(isWritten);
        _test.Clock.Advance(Minute - Tick);
        Assert.That(Cache.Get("key"), Is.Not.Null);
        _test.Clock.Advance(Minute);
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void SlidingEntry_IsRenewedByEveryRead_HoweverShortAfterTheLast()
    {
        Cache.Set("key", [1], Sliding(Minute));
        Cache.Flush();
        for (var i = 0; i < 5; i++)
        {
            _test.Clock.Advance(Tick);
            Cache.Get("key");
        }

        _test.Clock.Advance(Minute - Tick);
        Assert.That(Cache.Get("key"), Is.Not.Null);
    }

    [Test]
    public void OfTwoAbsoluteEnds_TheFirstCounts()
    {
        Cache.Set("a", [1], new()
        {
            AbsoluteExpiration = _test.Clock.UtcNow + Minute,
            AbsoluteExpirationRelativeToNow = 3 * Minute,
        });
        Cache.Set("b", [1], new()
        {
            AbsoluteExpiration = _test.Clock.UtcNow + (3 * Minute),
            AbsoluteExpirationRelativeToNow = Minute,
        });
        _test.Clock.Advance(Minute);
        Assert.That(Cache.Get("a"), Is.Null);
        Assert.That(Cache.Get("b"), Is.Null);
    }

    [Test]
    public void EntryWithoutAnEnd_TakesTheEndOfTheOneBeforeAway([Values] bool isWritten)
    {
        Cache.Set("key", [1], Sliding(Minute));
        Write(isWritten);
        Cache.Set("key", [2], Forever);
        Write(isWritten);
        _test.Clock.Advance(2 * Minute);
        Assert.That(Cache.Get("key"), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void AbsoluteEndThatIsNotInTheFuture_IsRefused()
    {
        Cache.Set("key", [1], Forever);
        Assert.That(
            () => Cache.Set("key", [2], new() { AbsoluteExpiration = _test.Clock.UtcNow }),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(Cache.Get("key"), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void TimesBeyondAllTime_AreForever()
    {
        Cache.Set("absolute", [1], Within(TimeSpan.MaxValue));
        Cache.Set("sliding", [1], Sliding(TimeSpan.MaxValue));
        Cache.Flush();
        _test.Clock.Advance(TimeSpan.FromDays(365_000));
        Assert.That(Cache.Get("absolute"), Is.Not.Null);
        Assert.That(Cache.Get("sliding"), Is.Not.Null);
    }

    [Test]
    public void Reading_WritesNothing()
    {
        Cache.Set("absolute", [1], Within(Minute));
        Cache.Set("sliding", [1], Sliding(Minute));
        Cache.Flush();
        var before = _test.Database.GetStatistics().TransactionId;
        _test.Clock.Advance(Minute / 2);
        for (var i = 0; i < 100; i++)
        {
            Cache.Get("absolute");
            Cache.Get("sliding");
            Cache.Get("missing");
            Cache.Refresh("missing");
            Cache.Remove("missing");
        }

        Assert.That(_test.Database.GetStatistics().TransactionId, Is.EqualTo(before));
    }

    [Test]
    public void Renewals_OfOneEntryShareOneWrite()
    {
        Cache.Set("key", new byte[100_000], Sliding(Minute));
        Cache.Flush();
        var before = Cache.GetStatistics();
        for (var i = 0; i < 100; i++)
        {
            _test.Clock.Advance(Minute / 2);
            Cache.Get("key");
        }

        Cache.Flush();
        var after = Cache.GetStatistics();
        Assert.That(after.Renewals - before.Renewals, Is.EqualTo(1));
        Assert.That(after.Batches - before.Batches, Is.EqualTo(1));
        Cache.Flush();
        Assert.That(Cache.GetStatistics().Batches, Is.EqualTo(after.Batches));
    }

    [Test]
    public void Renewal_SurvivesTheCache()
    {
        Cache.Set("key", [1], Sliding(Minute));
        Cache.Flush();
        _test.Clock.Advance(Minute / 2);
        Cache.Get("key");
        _test.Reopen();
        _test.Clock.Advance(Minute - Tick);
        Assert.That(Cache.Get("key"), Is.Not.Null);
        _test.Reopen();
        _test.Clock.Advance(Minute);
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void Renewal_OfAnEntryThatWasReplaced_IsNotTheNewOnes()
    {
        Cache.Set("key", [1], Sliding(10 * Minute));
        Cache.Flush();
        _test.Clock.Advance(Minute);
        Cache.Get("key");
        Cache.Set("key", [2], Sliding(Minute));
        Cache.Flush();
        _test.Clock.Advance(Minute);
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void RemoveExpired_RemovesWhatHasEndedForASecond_AndNothingElse()
    {
        Cache.Set("ended", [1], Within(Minute));
        Cache.Set("sliding, ended", [1], Sliding(Minute));
        Cache.Set("sliding, read", [1], Sliding(Minute));
        Cache.Set("later", [1], Within(3 * Minute));
        Cache.Set("forever", [1], Forever);
        Cache.Flush();
        _test.Clock.Advance(Minute / 2);
        Cache.Get("sliding, read");
        _test.Clock.Advance(Minute / 2);
        Assert.That(Cache.RemoveExpired(), Is.Zero);
        _test.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Cache.RemoveExpired(), Is.EqualTo(2));
        Assert.That(Cache.GetStatistics().Entries, Is.EqualTo(3));
        Assert.That(Cache.Get("sliding, read"), Is.Not.Null);
        Assert.That(Cache.RemoveExpired(), Is.Zero);
        RequireConsistent(_test);
    }

    [Test]
    public void RemoveExpired_GoesInSteps()
    {
        using var test = new TestCache(static options => (options.HasThread, options.SweepBatch) = (false, 7));
        for (var i = 0; i < 100; i++)
        {
            test.Cache.Set($"{i}", [1], Within(Minute));
        }

        test.Cache.Flush();
        test.Clock.Advance(2 * Minute);
        var before = test.Cache.GetStatistics().Batches;
        Assert.That(test.Cache.RemoveExpired(), Is.EqualTo(100));
        Assert.That(test.Cache.GetStatistics().Batches - before, Is.EqualTo(15));
        Assert.That(test.Cache.GetStatistics().Entries, Is.Zero);
        Assert.That(test.Cache.GetStatistics().Size, Is.Zero);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => test.Cache.RemoveExpired(cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void RemoveExpired_KeepsWhatWasReadSinceTheStepBegan()
    {
        Cache.Set("key", [1], Sliding(Minute));
        Cache.Flush();
        _test.Clock.Advance(Minute - Tick);
        Cache.Get("key");
        _test.Clock.Advance(Minute - Tick);
        Assert.That(Cache.RemoveExpired(), Is.Zero);
        Assert.That(Cache.Get("key"), Is.Not.Null);
    }

    /// <summary>The trees of a cache fit each other.</summary>
    internal static void RequireConsistent(TestCache test)
    {
        using var read = test.Database.BeginRead();
        var trees = new CacheTrees(test.Database, test.Cache.Name);
        var (size, ends, slides) = (0L, 0, 0);
        Span<byte> buffer = stackalloc byte[CacheTrees.ExpiryKeyLength];
        foreach (var (key, stored) in read[trees.Entries].All())
        {
            size += key.Length + stored.Length;
            var entry = StoredEntry.From(read, trees, stored, key: null);
            if (entry.Header.Lifetime.Ends)
            {
                ends++;
                var place = CacheTrees.ExpiryKey(entry.Deadline, entry.Header.Id, buffer);
                Assert.That(read[trees.Expiry].Get(place), Is.EqualTo(key.ToArray()));
                slides += read[trees.Slides].ContainsKey(place[sizeof(long)..]) ? 1 : 0;
            }
        }

        Assert.That(test.Cache.GetStatistics().Size, Is.EqualTo(size));
        Assert.That(read[trees.Expiry].Count, Is.EqualTo(ends));
        Assert.That(read[trees.Slides].Count, Is.EqualTo(slides));
    }

    private void Write(bool isWritten)
    {
        if (isWritten)
        {
            Cache.Flush();
        }
    }
}
