using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>Keys that do not fit the database as they are.</summary>
public class KeyTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public void Keys_OfEveryLengthAroundTheLimit_AreToldApart([Values] bool isWritten)
    {
        using var test = new TestCache(static options => options.HasThread = false);
        for (var length = 1000; length < 1060; length++)
        {
            test.Cache.Set(new string('x', length), BitConverter.GetBytes(length), Forever);
            test.Cache.Set(new string('é', length / 2), BitConverter.GetBytes(-length), Forever);
        }

        if (isWritten)
        {
            test.Cache.Flush();
        }

        for (var length = 1000; length < 1060; length++)
        {
            Assert.That(test.Cache.Get(new string('x', length)), Is.EqualTo(BitConverter.GetBytes(length)));
        }

        Assert.That(test.Cache.Get(new string('é', 529)), Is.EqualTo(BitConverter.GetBytes(-1059)));
    }

    [Test]
    public void Keys_WithHalvesOfSurrogatePairs_AreToldApart()
    {
        using var test = new TestCache(static options => options.HasThread = false);
        string[] keys = ["a\uD800", "a\uD801", "a\uDC00", "a\uFFFD", "a"];
        for (var i = 0; i < keys.Length; i++)
        {
            test.Cache.Set(keys[i], [(byte)i], Forever);
        }

        test.Cache.Flush();
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.That(test.Cache.Get(keys[i]), Is.EqualTo(new[] { (byte)i }));
        }
    }

    [Test]
    public void KeyThatIsItsHash_IsNoneWithTheHash()
    {
        using var test = new TestCache(static options =>
        {
            options.HasThread = false;
            options.KeyHash = static (_, hash) => hash.Fill((byte)'h');
        });
        test.Cache.Set(new string('k', 2000), [1], Forever);
        test.Cache.Flush();
        Assert.That(test.Cache.Get(new string('h', CacheKey.HashLength)), Is.Null);
        Assert.That(test.Cache.Get("\u0001" + new string('h', CacheKey.HashLength)), Is.Null);
    }

    [Test]
    public void KeysWithOneHash_AreNeverTakenForEachOther()
    {
        using var test = new TestCache(static options =>
        {
            options.HasThread = false;
            options.KeyHash = static (_, hash) => hash.Clear();
        });
        var cache = test.Cache;
        var (first, second) = (new string('1', 2000), new string('2', 2000));

        // In memory both are there.
        cache.Set(first, [1], Sliding(Minute));
        cache.Set(second, [2], Sliding(Minute));
        Assert.That(cache.Get(first), Is.EqualTo(new byte[] { 1 }));
        Assert.That(cache.Get(second), Is.EqualTo(new byte[] { 2 }));

        // Written, one has the place.
        cache.Flush();
        Assert.That(cache.GetStatistics().Entries, Is.EqualTo(1));
        var (kept, lost) = cache.Get(first) is null ? (second, first) : (first, second);
        Assert.That(cache.Get(kept), Is.EqualTo(new[] { kept == first ? (byte)1 : (byte)2 }));
        Assert.That(cache.Get(lost), Is.Null);

        // What is done with the other key leaves it alone.
        cache.Remove(lost);
        cache.Flush();
        Assert.That(cache.Get(kept), Is.Not.Null);
        test.Clock.Advance(Minute / 2);
        cache.Refresh(lost);
        test.Clock.Advance(Minute / 2);
        Assert.That(cache.Get(kept), Is.Null);

        // And a new entry takes the place.
        cache.Set(lost, [3], Forever);
        cache.Flush();
        Assert.That(cache.Get(lost), Is.EqualTo(new byte[] { 3 }));
        Assert.That(cache.Get(kept), Is.Null);
        ExpirationTests.RequireConsistent(test);
    }

    [Test]
    public void Remove_OfAPendingEntry_LeavesTheStoredOneWithItsHash()
    {
        using var test = new TestCache(static options =>
        {
            options.HasThread = false;
            options.KeyHash = static (_, hash) => hash.Clear();
        });
        var (first, second) = (new string('1', 2000), new string('2', 2000));
        test.Cache.Set(first, [1], Forever);
        test.Cache.Flush();
        test.Cache.Set(second, [2], Forever);
        test.Cache.Remove(second);
        test.Cache.Flush();
        Assert.That(test.Cache.Get(first), Is.EqualTo(new byte[] { 1 }));
    }
}
