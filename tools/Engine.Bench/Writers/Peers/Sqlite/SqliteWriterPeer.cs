using Engine.Bench.Peers.Sqlite;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Sqlite;

/// <summary>SQLite with a connection per client.</summary>
internal sealed class SqliteWriterPeer : IWriterPeer
{
    private readonly SqlitePeer _peer = new();

    public string Name => _peer.Name;

    public string Description => _peer.Description;

    public string Settings =>
        "WITHOUT ROWID, prepared statements, journal_mode=WAL, synchronous=FULL; a connection per client's thread, "
        + "with its share of a cache of 64 MiB, at least 2 MiB; BEGIN IMMEDIATE, and the busy timeout that waits for "
        + "its turn by sleeping";

    public string? Unavailable => _peer.Unavailable;

    public IWriterDatabase Open(string directory, WriterData data, int clients) =>
        new SqliteWriterDatabase(directory, data, clients);
}
