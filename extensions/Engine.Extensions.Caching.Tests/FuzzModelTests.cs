using System.Buffers;
using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;

namespace Engine.Extensions.Caching.Tests;

/// <summary>
/// Random operations beside a dictionary that keeps for each key its value and when it was read last. A failure names
/// its seed.
/// </summary>
public class FuzzModelTests
{
    private const int Operations = 3000;

    private static readonly string[] Keys =
        [.. Enumerable.Range(0, 12).Select(static i => i % 4 == 0 ? new string('k', 1500) + i : $"key {i}")];

    [Test]
    public void Cache_DoesWhatTheModelDoes([Range(1, 8)] int seed)
    {
        var random = new Random(seed);
        using var test = new TestCache(static options => (options.HasThread, options.SizeLimit) = (false, null));
        var model = new Dictionary<string, ModelEntry>();
        for (var i = 0; i < Operations; i++)
        {
            var key = Keys[random.Next(Keys.Length)];
            var now = test.Clock.UtcNow;
            var expected = Use(model, key, now, isRead: false);
            switch (random.Next(12))
            {
                case 0 or 1 or 2:
                    var (value, options) = Invent(random, now);
                    test.Cache.Set(key, value, options);
                    model[key] = new ModelEntry(value, options, now);
                    break;
                case 3 or 4 or 5:
                    expected = Use(model, key, now, isRead: true);
                    Assert.That(Get(test.Cache, key, random), Is.EqualTo(expected), $"seed {seed}, operation {i}");
                    break;
                case 6:
                    Use(model, key, now, isRead: true);
                    test.Cache.Refresh(key);
                    break;
                case 7:
                    model.Remove(key);
                    test.Cache.Remove(key);
                    break;
                case 8 or 9:
                    test.Clock.Advance(TimeSpan.FromTicks(random.NextInt64(TimeSpan.FromSeconds(20).Ticks)));
                    break;
                case 10:
                    Write(test, random);
                    break;
                default:
                    if (random.Next(10) == 0)
                    {
                        test.Reopen();
                    }

                    break;
            }
        }

        foreach (var key in Keys)
        {
            var expected = Use(model, key, test.Clock.UtcNow, isRead: true);
            Assert.That(test.Cache.Get(key), Is.EqualTo(expected), $"seed {seed}");
        }

        test.Cache.Flush();
        ExpirationTests.RequireConsistent(test);
        test.Clock.Advance(TimeSpan.FromDays(1));
        test.Cache.RemoveExpired();
        Assert.That(
            test.Cache.GetStatistics().Entries,
            Is.EqualTo(Keys.Count(key => Use(model, key, test.Clock.UtcNow, isRead: false) is not null)));
        Assert.That(test.Database.Check().IsOk, Is.True);
    }

    private static byte[]? Use(Dictionary<string, ModelEntry> model, string key, DateTimeOffset now, bool isRead)
    {
        if (!model.TryGetValue(key, out var entry) || now >= entry.End)
        {
            return null;
        }

        if (isRead)
        {
            model[key] = entry with { ReadAt = now };
        }

        return entry.Value;
    }

    private static (byte[] Value, DistributedCacheEntryOptions Options) Invent(Random random, DateTimeOffset now)
    {
        var value = new byte[random.Next(4) == 0 ? random.Next(20_000) : random.Next(200)];
        random.NextBytes(value);
        TimeSpan Time() => TimeSpan.FromTicks(1 + random.NextInt64(TimeSpan.FromMinutes(1).Ticks));
        var options = new DistributedCacheEntryOptions();
        if (random.Next(2) == 0)
        {
            options.SlidingExpiration = Time();
        }

        switch (random.Next(3))
        {
            case 0:
                options.AbsoluteExpiration = now + (2 * Time());
                break;
            case 1:
                options.AbsoluteExpirationRelativeToNow = 2 * Time();
                break;
            default:
                break;
        }

        return (value, options);
    }

    private static byte[]? Get(EngineCache cache, string key, Random random)
    {
        if (random.Next(2) == 0)
        {
            return cache.Get(key);
        }

        var destination = new ArrayBufferWriter<byte>();
        return cache.TryGet(key, destination) ? destination.WrittenSpan.ToArray() : null;
    }

    private static void Write(TestCache test, Random random)
    {
        if (random.Next(2) == 0)
        {
            test.Cache.Flush();
        }
        else
        {
            test.Cache.RemoveExpired();
        }
    }

    private sealed record ModelEntry(byte[] Value, DistributedCacheEntryOptions Options, DateTimeOffset SetAt)
    {
        public DateTimeOffset ReadAt { get; init; } = SetAt;

        public DateTimeOffset End
        {
            get
            {
                var end = Options.AbsoluteExpiration ?? DateTimeOffset.MaxValue;
                if (Options.AbsoluteExpirationRelativeToNow is { } time)
                {
                    end = SetAt + time;
                }

                return Options.SlidingExpiration is { } window && ReadAt + window < end ? ReadAt + window : end;
            }
        }
    }
}
