using Engine.Bench.Peers.Lmdb;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Lmdb;

/// <summary>LMDB in C, whose write transactions take turns.</summary>
internal sealed class LmdbWriterPeer : IWriterPeer
{
    private readonly LmdbPeer _peer = new();

    public string Name => _peer.Name;

    public string Description => _peer.Description;

    public string Settings =>
        "MDB_NOTLS, no MDB_WRITEMAP, default sync; a write transaction per update on the client's thread, which LMDB "
        + "lets in one after the other";

    public string? Unavailable => _peer.Unavailable;

    public IWriterDatabase Open(string directory, WriterData data, int clients) =>
        new LmdbWriterDatabase(directory, data);
}
