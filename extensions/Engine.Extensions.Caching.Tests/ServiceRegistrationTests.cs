using Engine.Extensions.Caching.Tests.Infrastructure;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>The cache among the services of an application.</summary>
public class ServiceRegistrationTests
{
    private static IEnumerable<TestCaseData> WrongOptions =>
    [
        new TestCaseData(new EngineCacheOptions(), "Set either Path").SetName("neither path nor database"),
        Wrong(static o => o.Path = string.Empty, "Path is empty"),
        Wrong(static o => o.DatabaseOptions = new DatabaseOptions { ReadOnly = true }, "read-only"),
        Wrong(static o => o.Name = string.Empty, "Name"),
        Wrong(static o => o.Name = new string('n', 65), "Name"),
        Wrong(static o => o.SizeLimit = 0, "SizeLimit"),
        Wrong(static o => o.PendingLimit = 1000, "PendingLimit"),
        Wrong(static o => o.WriteDelay = TimeSpan.Zero, "WriteDelay"),
        Wrong(static o => o.RenewalDelay = TimeSpan.FromDays(2), "RenewalDelay"),
        Wrong(static o => o.SweepInterval = TimeSpan.FromTicks(-5), "SweepInterval"),
        Wrong(static o => o.SweepBatch = 0, "SweepBatch"),
    ];

    [Test]
    public void AddEngineCache_MakesItTheDistributedCache()
    {
        using var folder = new TempFolder();
        var services = new ServiceCollection();
        services.AddDistributedMemoryCache();
        services.AddEngineCache(folder.File("cache.db"));
        using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IDistributedCache>();
        Assert.That(cache, Is.SameAs(provider.GetRequiredService<EngineCache>()));
        Assert.That(provider.GetServices<IDistributedCache>().Count(), Is.EqualTo(1));
        Assert.That(cache, Is.InstanceOf<IBufferDistributedCache>());
    }

    [Test]
    public void AddEngineCache_TakesTimeAndDatabaseFromTheServices()
    {
        var clock = new ManualClock();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton(static _ => Database.OpenInMemory());
        services.AddEngineCache((options, services) => options.Database = services.GetRequiredService<Database>());
        using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<IDistributedCache>();
        cache.Set("key", [1], Within(TimeSpan.FromMinutes(1)));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(cache.Get("key"), Is.Null);
        Assert.That(provider.GetRequiredService<Database>().Read(static read => read.TreeExists("cache")), Is.True);
    }

    [TestCaseSource(nameof(WrongOptions))]
    public void WrongOptions_AreRefusedWithWhatIsWrong(EngineCacheOptions options, string message)
    {
        Assert.That(() => new EngineCache(options), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(
            new EngineCacheOptionsValidator().Validate(null, options).FailureMessage, Does.Contain(message));
    }

    [Test]
    public void WrongOptions_AreRefusedWhenTheCacheIsAskedFor()
    {
        var services = new ServiceCollection();
        services.AddEngineCache(static options => options.SizeLimit = -1);
        using var provider = services.BuildServiceProvider();
        Assert.That(
            () => provider.GetRequiredService<IDistributedCache>(),
            Throws.InstanceOf<OptionsValidationException>()
                .With.Message.Contains("SizeLimit").And.Message.Contains("Path"));
    }

    [Test]
    public void DatabaseThatIsOpen_HasItsOptionsAlready()
    {
        using var database = Database.OpenInMemory();
        Assert.That(
            () => new EngineCache(new() { Database = database, DatabaseOptions = new DatabaseOptions() }),
            Throws.ArgumentException.With.Message.Contains("DatabaseOptions"));
        Assert.That(
            () => new EngineCache(new() { Database = database, Path = "cache.db" }),
            Throws.ArgumentException.With.Message.Contains("Set either"));
    }

    private static TestCaseData Wrong(Action<EngineCacheOptions> change, string message)
    {
        var options = new EngineCacheOptions { Path = "never-made.db" };
        change(options);
        return new TestCaseData(options, message);
    }
}
