using Engine.Bench.Peers.Lightning;
using Engine.Bench.Peers.Lmdb;
using Engine.Bench.Peers.Own;
using Engine.Bench.Peers.RocksDb;
using Engine.Bench.Peers.Sqlite;
using Engine.Bench.Peers.ZoneTree;

namespace Engine.Bench.Peers;

/// <summary>The engines that can be compared, by name.</summary>
internal static class PeerCatalog
{
    public const string Own = "engine";
    public const string OwnWithDefaults = "engine-defaults";

    public static IReadOnlyList<string> Names { get; } =
        [Own, OwnWithDefaults, "lmdb", "lightningdb", "rocksdb", "sqlite", "zonetree"];

    /// <exception cref="BenchException">The name is unknown, or the engine is not there.</exception>
    public static IPeer Get(string name)
    {
        IPeer peer = Find(name)
            ?? throw new BenchException($"There is no peer \"{name}\"; known ones are {string.Join(", ", Names)}.");
        return peer.Unavailable is { } reason ? throw new BenchException(reason) : peer;
    }

    /// <summary>Null if the name is unknown. It may not be available.</summary>
    public static IPeer? Find(string name) => name.ToLowerInvariant() switch
    {
        Own => new EnginePeer(),
        OwnWithDefaults => new EnginePeer(withDefaults: true),
        "lmdb" => new LmdbPeer(),
        "lightningdb" => new LightningPeer(),
        "rocksdb" => new RocksDbPeer(),
        "sqlite" => new SqlitePeer(),
        "zonetree" => new ZoneTreePeer(),
        _ => null,
    };
}
