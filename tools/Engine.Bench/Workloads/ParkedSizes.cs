using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>Sizes with a parked reader still open.</summary>
/// <param name="AtStart">When the reader parked: its snapshot is <c>AtStart.LiveBytes</c>.</param>
/// <param name="AtEnd">After the overwrites.</param>
internal sealed record ParkedSizes(PeerSizes AtStart, PeerSizes AtEnd);
