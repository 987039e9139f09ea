using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>What goes when there is too much.</summary>
public class EvictionTests
{
    private const int Limit = 100_000;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private long? _limit;
    private TestCache _test = null!;

    private EngineCache Cache => _test.Cache;

    [SetUp]
    public void Open()
    {
        _limit = Limit;
        _test = new TestCache(
            options => (options.HasThread, options.SizeLimit, options.SweepBatch) = (false, _limit, 10));
    }

    [TearDown]
    public void Close() => _test.Dispose();

    [Test]
    public void Size_KeepsToItsLimit()
    {
        for (var round = 0; round < 10; round++)
        {
            Fill($"{round}", 50);
            Cache.Flush();
            Assert.That(Cache.GetStatistics().Size, Is.InRange(round == 0 ? 50_000 : Limit - 2000, Limit));
        }

        var numbers = Cache.GetStatistics();
        Assert.That(numbers.Evicted, Is.EqualTo(500 - numbers.Entries));
        ExpirationTests.RequireConsistent(_test);
    }

    [Test]
    public void EntriesThatAreRead_Stay()
    {
        Fill("hot", 20);
        Cache.Flush();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.That(Cache.Get($"hot {i}"), Is.Not.Null, $"{i} in round {round}");
            }

            Fill($"cold {round}", 50);
            Cache.Flush();
        }

        Assert.That(Cache.GetStatistics().Size, Is.LessThanOrEqualTo(Limit));
    }

    [Test]
    public void EntriesThatHaveExpired_GoFirst()
    {
        Fill("b", 40);
        Fill("a", 40, Minute);
        Fill("c", 10);
        Cache.Flush();
        _test.Clock.Advance(2 * Minute);
        Fill("d", 40);
        Cache.Flush();
        var numbers = Cache.GetStatistics();
        Assert.That(numbers.Expired, Is.EqualTo(40));
        Assert.That(numbers.Evicted, Is.Zero);
        Assert.That(numbers.Entries, Is.EqualTo(90));
    }

    [Test]
    public void IfEverythingWasRead_SomethingGoes()
    {
        Fill("a", 90);
        Cache.Flush();
        for (var i = 0; i < 90; i++)
        {
            Cache.Get($"a {i}");
        }

        Fill("b", 30);
        Cache.Flush();
        Assert.That(Cache.GetStatistics().Size, Is.InRange(Limit - 2000, Limit));
        ExpirationTests.RequireConsistent(_test);
    }

    [Test]
    public void EntryThatIsLargerThanTheLimit_IsNotKept_NorWhatTheKeyHad()
    {
        Cache.Set("key", [1], Forever);
        Cache.Flush();
        Cache.Set("key", new byte[Limit], Forever);
        Assert.That(Cache.Get("key"), Is.Null);
        Cache.Flush();
        Assert.That(Cache.Get("key"), Is.Null);
        Assert.That(Cache.GetStatistics().Entries, Is.Zero);
        Assert.That(Cache.GetStatistics().Evicted, Is.EqualTo(1));
    }

    [Test]
    public void EntryThatJustFits_IsKept()
    {
        Cache.Set("key", new byte[Limit - EntryHeader.Length - (2 * "key".Length)], Forever);
        Cache.Flush();
        Assert.That(Cache.Get("key"), Is.Not.Null);
    }

    [Test]
    public void SmallerLimit_HoldsFromTheNextChangeOn()
    {
        Fill("a", 90);
        _limit = Limit / 10;
        _test.Reopen();
        Cache.Set("b", [1], Forever);
        Cache.Flush();
        Assert.That(Cache.GetStatistics().Size, Is.LessThanOrEqualTo(Limit / 10));
    }

    [Test]
    public void SizeThatWasWrong_IsRightAgainWhenEverythingIsGone()
    {
        Fill("a", 10);
        Cache.Flush();
        var wrong = new CacheState(NextId: 100, Size: 10 * Limit);
        _test.Database.Write(tx => new CacheTrees(_test.Database, Cache.Name).Write(tx, wrong));
        _test.Reopen();
        Fill("b", 10);
        Cache.Flush();
        Assert.That(Cache.GetStatistics().Size, Is.Zero);
        Fill("c", 10);
        Cache.Flush();
        Assert.That(Cache.GetStatistics().Entries, Is.EqualTo(10));
        ExpirationTests.RequireConsistent(_test);
    }

    [Test]
    public void WithoutALimit_NothingIsEvicted()
    {
        _limit = null;
        _test.Reopen();
        Fill("a", 500);
        Cache.Flush();
        Assert.That(Cache.GetStatistics().Entries, Is.EqualTo(500));
    }

    private void Fill(string name, int count, TimeSpan? end = null)
    {
        for (var i = 0; i < count; i++)
        {
            Cache.Set($"{name} {i}", new byte[1000], new() { AbsoluteExpirationRelativeToNow = end });
        }
    }
}
