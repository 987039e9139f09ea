using Engine.Bench.Writers.Peers.Batched;
using Engine.Bench.Writers.Peers.Lmdb;
using Engine.Bench.Writers.Peers.Own;
using Engine.Bench.Writers.Peers.RocksDb;
using Engine.Bench.Writers.Peers.Sqlite;

namespace Engine.Bench.Writers.Peers;

/// <summary>The engines that clients can write to, by name.</summary>
internal static class WriterPeerCatalog
{
    public const string Own = "engine";

    /// <summary>So many clients are threads; more are tasks where the peer has an asynchronous form.</summary>
    public const int MostThreads = 64;

    /// <summary>Each also with <see cref="BatchedPeer.Suffix"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [Own, "rocksdb", "lmdb", "sqlite"];

    /// <param name="name">One of <see cref="Names"/>, with the suffix or without.</param>
    /// <param name="form">How clients call this engine; null for the usual.</param>
    /// <exception cref="BenchException">The name is unknown, or the engine is not there.</exception>
    public static IWriterPeer Get(string name, EngineForm? form)
    {
        bool isBatched = name.EndsWith(BatchedPeer.Suffix, StringComparison.OrdinalIgnoreCase);
        string plain = isBatched ? name[..^BatchedPeer.Suffix.Length] : name;
        IWriterPeer peer = plain.ToLowerInvariant() switch
        {
            // The writer thread of a program calls back on its own thread, whatever form clients have.
            Own => new EngineWriterPeer(isBatched ? EngineForm.Write : form),
            "rocksdb" => new RocksDbWriterPeer(),
            "lmdb" => new LmdbWriterPeer(),
            "sqlite" => new SqliteWriterPeer(),
            _ => throw new BenchException(
                $"There is no peer \"{name}\"; known ones are {string.Join(", ", Names)}, each also with "
                + $"{BatchedPeer.Suffix}."),
        };
        return peer.Unavailable is { } reason
            ? throw new BenchException(reason)
            : isBatched ? new BatchedPeer(peer) : peer;
    }
}
