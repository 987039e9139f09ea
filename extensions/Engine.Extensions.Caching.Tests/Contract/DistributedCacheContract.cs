using System.Buffers;
using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests.Contract;

/// <summary>
/// What every distributed cache does. The rules are those that the framework's own caches keep; they run against two of
/// them as well, so that a rule that is none is found. What implementations rightly do in different ways (what an
/// absolute end in the past is, which of two absolute ends counts, whether a value is copied) is not here but in the
/// tests of the cache itself.
/// </summary>
public abstract class DistributedCacheContract
{
    protected abstract IDistributedCache Cache { get; }

    /// <summary>The unit of time of the tests: long enough for nobody's delay to matter.</summary>
    protected abstract TimeSpan Unit { get; }

    protected abstract DateTimeOffset Now { get; }

    /// <summary>Lets time pass: a clock is set, or the test waits.</summary>
    protected abstract void Advance(TimeSpan time);

    [Test]
    public void Get_OfMissingKey_IsNull() => Assert.That(Cache.Get("missing"), Is.Null);

    [Test]
    public async Task GetAsync_OfMissingKey_IsNull() => Assert.That(await Cache.GetAsync("missing"), Is.Null);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(128)]
    [TestCase(16 * 1024)]
    [TestCase(300 * 1024)]
    public async Task Set_ThenGet_GivesTheBytes(int size)
    {
        var (first, second) = (Random(size), Random(size));
        Cache.Set("sync", first, Forever);
        await Cache.SetAsync("async", second, Forever);
        Assert.That(await Cache.GetAsync("sync"), Is.EqualTo(first));
        Assert.That(Cache.Get("async"), Is.EqualTo(second));
    }

    [Test]
    public void Set_OfEmptyValue_IsAHit()
    {
        Cache.Set("empty", [], Forever);
        Assert.That(Cache.Get("empty"), Is.Not.Null.And.Empty);
    }

    [Test]
    public void Set_OverAnEntry_Replaces()
    {
        Cache.Set("key", [1], Forever);
        Cache.Set("key", [2, 3], Forever);
        Assert.That(Cache.Get("key"), Is.EqualTo(new byte[] { 2, 3 }));
    }

    [Test]
    public void Keys_AreToldApartByCase()
    {
        Cache.Set("Key", [1], Forever);
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a:b:c")]
    [TestCase("Grüße, 世界 🌍")]
    [TestCase("nul\0nul")]
    public void Keys_MayHaveAnyCharacters(string key)
    {
        Cache.Set(key, [7], Forever);
        Assert.That(Cache.Get(key), Is.EqualTo(new byte[] { 7 }));
        Cache.Remove(key);
        Assert.That(Cache.Get(key), Is.Null);
    }

    [Test]
    public void Keys_MayBeLong()
    {
        var (first, second) = (new string('k', 20_000) + "1", new string('k', 20_000) + "2");
        Cache.Set(first, [1], Forever);
        Assert.That(Cache.Get(second), Is.Null);
        Cache.Set(second, [2], Forever);
        Assert.That(Cache.Get(first), Is.EqualTo(new byte[] { 1 }));
        Cache.Remove(second);
        Assert.That(Cache.Get(first), Is.EqualTo(new byte[] { 1 }));
        Assert.That(Cache.Get(second), Is.Null);
    }

    [Test]
    public async Task Remove_RemovesOneEntry()
    {
        foreach (var key in new[] { "a", "b", "c" })
        {
            Cache.Set(key, [1], Forever);
        }

        Cache.Remove("a");
        await Cache.RemoveAsync("b");
        Assert.That(Cache.Get("a"), Is.Null);
        Assert.That(Cache.Get("b"), Is.Null);
        Assert.That(Cache.Get("c"), Is.Not.Null);
    }

    [Test]
    public void RemoveAndRefresh_OfMissingKey_DoNothing()
    {
        Cache.Remove("missing");
        Cache.Refresh("missing");
        Assert.That(Cache.Get("missing"), Is.Null);
    }

    [Test]
    public void Null_IsRefused()
    {
        Assert.That(() => Cache.Get(null!), Throws.ArgumentNullException);
        Assert.That(() => Cache.GetAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => Cache.Set(null!, [], Forever), Throws.ArgumentNullException);
        Assert.That(() => Cache.Set("key", null!, Forever), Throws.ArgumentNullException);
        Assert.That(() => Cache.Set("key", [], null!), Throws.ArgumentNullException);
        Assert.That(() => Cache.SetAsync("key", null!, Forever), Throws.ArgumentNullException);
        Assert.That(() => Cache.Refresh(null!), Throws.ArgumentNullException);
        Assert.That(() => Cache.Remove(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void AbsoluteEndFromNow_Ends()
    {
        Cache.Set("key", [1], Within(2 * Unit));
        Advance(Unit);
        Assert.That(Cache.Get("key"), Is.Not.Null);
        Advance(Unit + (Unit / 2));
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void AbsoluteEnd_Ends()
    {
        Cache.Set("key", [1], new() { AbsoluteExpiration = Now + (2 * Unit) });
        Assert.That(Cache.Get("key"), Is.Not.Null);
        Advance(3 * Unit);
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void AbsoluteEnd_IsNotMovedByReading()
    {
        Cache.Set("key", [1], Within(2 * Unit));
        Advance(Unit);
        Cache.Get("key");
        Cache.Refresh("key");
        Advance(Unit + (Unit / 2));
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void SlidingEntry_EndsIfNobodyReadsIt()
    {
        Cache.Set("key", [1], Sliding(2 * Unit));
        Advance(2 * Unit + (Unit / 2));
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public async Task SlidingEntry_IsRenewedByReading()
    {
        Cache.Set("key", [1], Sliding(2 * Unit));
        for (var i = 0; i < 4; i++)
        {
            Advance(Unit);
            Assert.That(i % 2 == 0 ? Cache.Get("key") : await Cache.GetAsync("key"), Is.Not.Null, $"after {i + 1}");
        }

        Advance(2 * Unit + (Unit / 2));
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public async Task SlidingEntry_IsRenewedByRefresh()
    {
        Cache.Set("key", [1], Sliding(2 * Unit));
        Advance(Unit);
        Cache.Refresh("key");
        Advance(Unit);
        await Cache.RefreshAsync("key");
        Advance(Unit);
        Assert.That(Cache.Get("key"), Is.Not.Null);
    }

    [Test]
    public void SlidingEntry_IsNotRenewedBeyondItsAbsoluteEnd()
    {
        Cache.Set("key", [1], Sliding(2 * Unit, end: 3 * Unit));
        for (var i = 0; i < 2; i++)
        {
            Advance(Unit);
            Assert.That(Cache.Get("key"), Is.Not.Null);
        }

        Advance(Unit + (Unit / 2));
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void Set_OverAnEntry_ReplacesItsEnd()
    {
        // By another end: without one, the framework's Redis cache leaves the old one in force.
        Cache.Set("key", [1], Within(Unit));
        Cache.Set("key", [2], Within(5 * Unit));
        Advance(2 * Unit);
        Assert.That(Cache.Get("key"), Is.EqualTo(new byte[] { 2 }));
    }

    [Test]
    public void Refresh_AfterTheEnd_BringsNothingBack()
    {
        Cache.Set("key", [1], Sliding(Unit));
        Advance(2 * Unit);
        Cache.Refresh("key");
        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public void TimesThatAreNotPositive_AreRefused()
    {
        foreach (var time in new[] { TimeSpan.Zero, -Unit })
        {
            Assert.That(() => Cache.Set("key", [], Within(time)), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Cache.Set("key", [], Sliding(time)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void AbsoluteEndInThePast_IsRefusedOrOver()
    {
        // The framework's memory cache takes such an entry, its Redis cache throws: either way it is not there.
        try
        {
            Cache.Set("key", [1], new() { AbsoluteExpiration = Now - Unit });
        }
        catch (ArgumentOutOfRangeException)
        {
        }

        Assert.That(Cache.Get("key"), Is.Null);
    }

    [Test]
    public async Task Buffers_OfEveryShape_AreWrittenAndReadBack(
        [Values(0, 1, 128, 16 * 1024)] int size, [Values(1, 3)] int segments, [Values] bool isAsync)
    {
        var cache = RequireBuffers();
        var value = Random(size);
        var sequence = Sequences.Of(value, segments);
        var destination = new ArrayBufferWriter<byte>();
        destination.Write("before"u8);
        if (isAsync)
        {
            await cache.SetAsync("key", sequence, Forever);
            Assert.That(await cache.TryGetAsync("key", destination), Is.True);
        }
        else
        {
            cache.Set("key", sequence, Forever);
            Assert.That(cache.TryGet("key", destination), Is.True);
        }

        Assert.That(destination.WrittenSpan["before".Length..].ToArray(), Is.EqualTo(value));
        Assert.That(cache.Get("key"), Is.EqualTo(value));
    }

    [Test]
    public async Task Buffers_GetNothingOfAMissingEntry()
    {
        var cache = RequireBuffers();
        var destination = new ArrayBufferWriter<byte>();
        Assert.That(cache.TryGet("missing", destination), Is.False);
        Assert.That(await cache.TryGetAsync("missing", destination), Is.False);
        Assert.That(destination.WrittenCount, Is.Zero);
    }

    [Test]
    public void SlidingEntry_IsRenewedByReadingIntoABuffer()
    {
        var cache = RequireBuffers();
        cache.Set("key", [1], Sliding(2 * Unit));
        for (var i = 0; i < 3; i++)
        {
            Advance(Unit);
            Assert.That(cache.TryGet("key", new ArrayBufferWriter<byte>()), Is.True);
        }
    }

    private static byte[] Random(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private IBufferDistributedCache RequireBuffers()
    {
        if (Cache is not IBufferDistributedCache cache)
        {
            Assert.Ignore("This cache has no buffers: IBufferDistributedCache is not what it is.");
            throw new InvalidOperationException();
        }

        return cache;
    }
}
