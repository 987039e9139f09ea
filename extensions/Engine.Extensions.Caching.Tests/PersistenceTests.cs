using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>What is there after the cache was closed, and after a crash.</summary>
public class PersistenceTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Dispose_WritesEverything()
    {
        using (var cache = Open("cache.db"))
        {
            for (var i = 0; i < 5000; i++)
            {
                cache.Set($"key {i}", BitConverter.GetBytes(i), i % 2 == 0 ? Within(Hour) : Sliding(Hour));
            }

            cache.Remove("key 7");
        }

        using (var cache = Open("cache.db"))
        {
            for (var i = 0; i < 5000; i++)
            {
                Assert.That(cache.Get($"key {i}"), i == 7 ? Is.Null : Is.EqualTo(BitConverter.GetBytes(i)));
            }

            Assert.That(cache.GetStatistics().Entries, Is.EqualTo(4999));
        }
    }

    [Test]
    public void ManyChanges_AreWrittenInSeveralTransactions()
    {
        using var test = new TestCache(static options =>
            (options.HasThread, options.PendingLimit) = (false, 100 << 20));
        for (var i = 0; i < 2500; i++)
        {
            test.Cache.Set($"small {i}", BitConverter.GetBytes(i), Sliding(Hour));
        }

        test.Cache.Flush();
        Assert.That(test.Cache.GetStatistics().Batches, Is.EqualTo(3));
        for (var i = 0; i < 40; i++)
        {
            test.Cache.Set($"large {i}", new byte[1 << 20], Forever);
        }

        test.Cache.Flush();
        Assert.That(test.Cache.GetStatistics().Batches, Is.EqualTo(3 + 3));
        for (var i = 0; i < 2500; i++)
        {
            test.Clock.Advance(TimeSpan.FromTicks(1));
            Assert.That(test.Cache.Get($"small {i}"), Is.EqualTo(BitConverter.GetBytes(i)));
        }

        test.Cache.Flush();
        Assert.That(test.Cache.GetStatistics().Batches, Is.EqualTo(3 + 3 + 3));
        Assert.That(test.Cache.GetStatistics().Renewals, Is.EqualTo(2500));
        ExpirationTests.RequireConsistent(test);
    }

    [Test]
    public async Task Crash_KeepsWhatWasFlushed()
    {
        await using var cache = Open("cache.db");
        cache.Set("first", [1], Forever);
        cache.Set("second", [1], Forever);
        await cache.FlushAsync();
        cache.Set("second", [2], Forever);
        cache.Set("third", [3], Forever);

        // What a process that is killed now leaves behind. It may have been written by now, as far as the cache's
        // thread came, but it is there as a whole or not at all.
        File.Copy(_folder.File("cache.db"), _folder.File("crashed.db"));
        await using var crashed = Open("crashed.db");
        Assert.That(crashed.Get("first"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(crashed.Get("second"), Is.EqualTo(new byte[] { 1 }).Or.EqualTo(new byte[] { 2 }));
        Assert.That(crashed.Get("third"), Is.Null.Or.EqualTo(new byte[] { 3 }));
    }

    [Test]
    public void Changes_AreWrittenWithoutAnybodyAsking()
    {
        using var cache = Open("cache.db");
        cache.Set("key", [1], Forever);
        Assert.That(() => cache.GetStatistics().Entries, Is.EqualTo(1).After(60_000, 10));
        Assert.That(() => cache.GetStatistics().PendingSize, Is.Zero.After(60_000, 10));
        cache.Remove("key");
        Assert.That(() => cache.GetStatistics().Entries, Is.Zero.After(60_000, 10));
    }

    [Test]
    public void Renewals_AreWrittenWithoutAnybodyAsking()
    {
        using var cache = new EngineCache(new EngineCacheOptions
        {
            Path = _folder.File("cache.db"),
            RenewalDelay = TimeSpan.FromMilliseconds(20),
        });
        cache.Set("key", [1], Sliding(Hour));
        cache.Flush();
        cache.Get("key");
        Assert.That(() => cache.GetStatistics().Renewals, Is.EqualTo(1).After(60_000, 10));
    }

    [Test]
    public void Sweeps_HappenWithoutAnybodyAsking()
    {
        using var cache = new EngineCache(new EngineCacheOptions
        {
            Path = _folder.File("cache.db"),
            SweepInterval = TimeSpan.FromMilliseconds(20),
        });
        cache.Set("key", [1], Within(TimeSpan.FromMilliseconds(1500)));
        cache.Flush();
        Assert.That(cache.GetStatistics().Entries, Is.EqualTo(1));
        Assert.That(() => cache.GetStatistics().Expired, Is.EqualTo(1).After(60_000, 10));
    }

    [Test]
    public void TreesOfSomethingElse_AreRefused()
    {
        using var database = Database.OpenInMemory();
        database.Write(static tx =>
        {
            tx[tx.CreateTree("users")].Put("ada"u8, "1"u8);
            tx[tx.CreateTree("later:state")].Put("state"u8, "of another version"u8);
        });
        foreach (var name in new[] { "users", "later" })
        {
            Assert.That(
                () => new EngineCache(new EngineCacheOptions { Database = database, Name = name }),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains(name));
        }

        using var cache = new EngineCache(new EngineCacheOptions { Database = database });
        Assert.That(cache.Name, Is.EqualTo("cache"));
    }

    [Test]
    public void CachesOfTwoNames_ShareADatabase()
    {
        using var database = Database.OpenInMemory();
        using var first = new EngineCache(new EngineCacheOptions { Database = database, Name = "first" });
        using var second = new EngineCache(new EngineCacheOptions { Database = database, Name = "second" });
        first.Set("key", [1], Forever);
        second.Set("key", [2], Forever);
        first.Flush();
        second.Flush();
        Assert.That(first.Get("key"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(second.Get("key"), Is.EqualTo(new byte[] { 2 }));
        Assert.That(
            () => new EngineCache(new EngineCacheOptions { Database = database, Name = "first" }),
            Throws.InvalidOperationException.With.Message.Contains("'first' open"));
    }

    [Test]
    public void WritingThatFails_IsToldToWhoSets_AndTriedAgain()
    {
        var options = new DatabaseOptions { WriterTimeout = TimeSpan.FromMilliseconds(50) };
        using var database = Database.OpenInMemory(options);
        using var cache = new EngineCache(
            new EngineCacheOptions { Database = database, PendingLimit = 64 << 10, SizeLimit = null });
        using (database.BeginWrite())
        {
            Assert.That(
                () =>
                {
                    for (var i = 0; i < 1000; i++)
                    {
                        cache.Set($"{i}", new byte[10_000], Forever);
                    }
                },
                Throws.InstanceOf<IOException>().With.InnerException.InstanceOf<WriterTimeoutException>());
            Assert.That(cache.Get("0"), Is.Not.Null);
        }

        Assert.That(() => cache.GetStatistics().PendingSize, Is.Zero.After(60_000, 10));
        cache.Set("after", [1], Forever);
        Assert.That(cache.Get("0"), Is.Not.Null);
        Assert.That(cache.Get("after"), Is.Not.Null);
    }

    private EngineCache Open(string name) => new(new EngineCacheOptions { Path = _folder.File(name) });
}
