using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers;

/// <summary>All runs of one peer at one workload with one number of clients.</summary>
internal sealed class WriterCell(WriterWorkload workload, int clients, IWriterPeer peer)
{
    public WriterWorkload Workload => workload;

    public int Clients => clients;

    public IWriterPeer Peer => peer;

    /// <summary>By run, null where it failed or was left out after that.</summary>
    public List<WriterSample?> Samples { get; } = [];

    /// <summary>What went wrong first; null if nothing did.</summary>
    public string? Failure { get; set; }
}
