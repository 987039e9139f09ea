namespace Engine.Bench.Measuring;

/// <summary>A peer that takes no part in a workload: what it would do is less than what the others do.</summary>
internal sealed record PeerLack(string Peer, string Reason);
