using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Engine.Extensions.Caching.Tests;

/// <summary>The second level of <see cref="HybridCache"/>.</summary>
public class HybridCacheTests
{
    private TempFolder _folder = null!;

    private string Path => _folder.File("cache.db");

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Values_AreThereForTheNextProcess()
    {
        var calls = 0;
        await using (var services = Services())
        {
            var person = await GetAsync(services, "ada", 36);
            Assert.That(person, Is.EqualTo(new Person("ada", 36)));

            // It answers before it writes to the second level.
            var cache = services.GetRequiredService<EngineCache>();
            Assert.That(() => cache.GetStatistics().Sets, Is.EqualTo(1).After(60_000, 10));
        }

        await using (var services = Services())
        {
            Assert.That(await GetAsync(services, "ada", 99), Is.EqualTo(new Person("ada", 36)));
            Assert.That(await GetAsync(services, "bob", 7), Is.EqualTo(new Person("bob", 7)));
        }

        Assert.That(calls, Is.EqualTo(2));
        async Task<Person> GetAsync(ServiceProvider services, string name, int age) =>
            await services.GetRequiredService<HybridCache>().GetOrCreateAsync(name, async _ =>
            {
                calls++;
                await Task.Yield();
                return new Person(name, age);
            });
    }

    [Test]
    public async Task Remove_RemovesFromTheFile()
    {
        await using (var services = Services())
        {
            var cache = services.GetRequiredService<HybridCache>();
            await cache.SetAsync("a", 1);
            await cache.SetAsync("b", 2);
            await cache.RemoveAsync("a");
        }

        await using (var services = Services())
        {
            Assert.That(await NumberAsync(services, "a"), Is.EqualTo(-1));
            Assert.That(await NumberAsync(services, "b"), Is.EqualTo(2));
        }
    }

    [Test]
    public async Task RemoveByTag_HoldsInTheNextProcess()
    {
        await using (var services = Services())
        {
            var cache = services.GetRequiredService<HybridCache>();
            await cache.SetAsync("a", 1, tags: ["old"]);
            await cache.SetAsync("b", 2, tags: ["new"]);

            // Tags are invalidated by a time, and what was set at the same one counts as invalid.
            await Task.Delay(20);
            await cache.RemoveByTagAsync("old");
        }

        await using (var services = Services())
        {
            Assert.That(await NumberAsync(services, "a"), Is.EqualTo(-1));
            Assert.That(await NumberAsync(services, "b"), Is.EqualTo(2));
        }
    }

    [Test]
    public async Task Entries_EndInTheFile_WhenTheySay()
    {
        var clock = new ManualClock();
        await using (var services = Services(clock))
        {
            await services.GetRequiredService<HybridCache>().SetAsync(
                "a", 1, new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(5) });
        }

        clock.Advance(TimeSpan.FromMinutes(4));
        await using (var services = Services(clock))
        {
            Assert.That(await NumberAsync(services, "a"), Is.EqualTo(1));
        }

        clock.Advance(TimeSpan.FromMinutes(2));
        await using (var services = Services(clock))
        {
            Assert.That(await NumberAsync(services, "a"), Is.EqualTo(-1));
        }
    }

    private static async Task<int> NumberAsync(ServiceProvider services, string key) =>
        await services.GetRequiredService<HybridCache>().GetOrCreateAsync(key, static _ => ValueTask.FromResult(-1));

    private ServiceProvider Services(TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        services.AddEngineCache(Path);
        services.AddHybridCache();
        return services.BuildServiceProvider();
    }

    private sealed record Person(string Name, int Age);
}
