using ZoneTree;

namespace Engine.Bench.Peers.ZoneTree;

/// <summary>ZoneTree, an LSM tree in C#, with transactions, its defaults and its maintainer.</summary>
internal sealed class ZoneTreePeer : IPeer
{
    public string Name => "zonetree";

    public string Description => $"ZoneTree {PeerFiles.VersionOf(typeof(ZoneTreeFactory<,>))}";

    public string Settings =>
        "OpenOrCreateTransactional, keys and values Memory<byte>, with a maintainer; defaults otherwise: 10^6 entries "
        + "in memory before they go to a disk segment, log AsyncShared, Zstandard; Commit without flush (a thread of "
        + "its own writes it a little later), CommitDurableAsync for durable commits; BeginReadOnlyTransaction, and "
        + "TryGet of the tree for a lookup alone; it has no bulk load, no lookup of many keys and no delete of a "
        + "range, so these are loops";

    public string? Unavailable => null;

    public CallCost? MeasureCallCost() => null;

    public IPeerDatabase Open(string directory, long? memoryLimit) => new ZoneTreeDatabase(directory);
}
