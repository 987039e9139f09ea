using Engine.Bench.Peers.Lmdb;
using Engine.Bench.Peers.Own;
using Engine.Bench.Peers.Sqlite;

namespace Engine.Bench.Peers;

/// <summary>The engines that can be compared, by name.</summary>
internal static class PeerCatalog
{
    public const string Own = "engine";

    public static IReadOnlyList<string> Names { get; } = [Own, "lmdb", "sqlite"];

    /// <exception cref="BenchException">The name is unknown, or the engine is not there.</exception>
    public static IPeer Get(string name)
    {
        IPeer peer = name.ToLowerInvariant() switch
        {
            Own => new EnginePeer(),
            "lmdb" => new LmdbPeer(),
            "sqlite" => new SqlitePeer(),
            _ => throw new BenchException($"There is no peer \"{name}\"; known ones are {string.Join(", ", Names)}."),
        };
        return peer.Unavailable is { } reason ? throw new BenchException(reason) : peer;
    }
}
