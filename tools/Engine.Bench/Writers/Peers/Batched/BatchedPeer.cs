using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Batched;

/// <summary>
/// Another peer, with the updates put together by the program: clients hand theirs to one writer thread, which takes
/// all that wait, makes them in one transaction and tells every client when that is durable.
/// </summary>
internal sealed class BatchedPeer(IWriterPeer peer) : IWriterPeer
{
    public const string Suffix = "-batched";

    public string Name => peer.Name + Suffix;

    public string Description => peer.Description;

    public string Settings =>
        $"as {peer.Name}, but all updates are made by one thread of the program's, which takes all that wait in a "
        + "queue and makes them in one transaction; clients are threads if they are few, and tasks if they are many";

    public string? Unavailable => peer.Unavailable;

    // One client: the writer thread.
    public IWriterDatabase Open(string directory, WriterData data, int clients) => new BatchedDatabase(
        peer.Open(directory, data, clients: 1), usesTasks: clients > WriterPeerCatalog.MostThreads);
}
