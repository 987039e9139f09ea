namespace Engine.Extensions.Caching.Tests.Infrastructure;

/// <summary>A cache in memory with a clock of the test's, and a database that outlives it.</summary>
internal sealed class TestCache : IDisposable
{
    private readonly Action<EngineCacheOptions>? _configure;

    public TestCache(Action<EngineCacheOptions>? configure = null)
    {
        _configure = configure;
        Cache = Open();
    }

    public ManualClock Clock { get; } = new();

    public Database Database { get; } = Database.OpenInMemory();

    public EngineCache Cache { get; private set; }

    /// <summary>Closes the cache and opens another one on the same database.</summary>
    public void Reopen()
    {
        Cache.Dispose();
        Cache = Open();
    }

    public void Dispose()
    {
        Cache.Dispose();
        Database.Dispose();
    }

    private EngineCache Open()
    {
        var options = new EngineCacheOptions { Database = Database, TimeProvider = Clock };
        _configure?.Invoke(options);
        return new EngineCache(options);
    }
}
