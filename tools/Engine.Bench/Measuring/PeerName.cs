using Engine.Bench.Peers;

namespace Engine.Bench.Measuring;

/// <summary>A peer under a name that is unique in its comparison: one compared with itself appears twice.</summary>
internal sealed record PeerName(string Name, IPeer Peer);
