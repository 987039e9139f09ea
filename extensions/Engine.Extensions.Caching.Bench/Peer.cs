using Microsoft.Extensions.Caching.Distributed;
using NeoSmart.Caching.Sqlite;

namespace Engine.Extensions.Caching.Bench;

/// <summary>A cache that is measured.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cache">The cache.</param>
/// <param name="Finish">Ends a run: what the cache has put off belongs to it.</param>
internal sealed record Peer(string Name, IDistributedCache Cache, Action Finish)
{
    public static readonly string[] Names = ["engine", "sqlite", "neosmart"];

    public static Peer Open(string name, string folder) => name switch
    {
        "engine" => Engine(new EngineCache(new EngineCacheOptions { Path = Path.Combine(folder, "engine.db") })),
        "sqlite" => new(
            name, new SqliteDistributedCache(Path.Combine(folder, "sqlite.db"), TimeProvider.System), static () => { }),
        "neosmart" => new(
            name,
            new SqliteCache(new SqliteCacheOptions { CachePath = Path.Combine(folder, "neosmart.db") }),
            static () => { }),
        _ => throw new ArgumentException($"There is no cache '{name}'; there are {string.Join(", ", Names)}."),
    };

    private static Peer Engine(EngineCache cache) => new("engine", cache, cache.Flush);
}
