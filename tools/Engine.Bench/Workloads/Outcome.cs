using Engine.Bench.Data;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>What a workload did.</summary>
/// <param name="Operations">Units of work, by which the time is divided.</param>
/// <param name="Digest">What it read; must be the same on every peer.</param>
/// <param name="Sizes">Sizes at a moment that only the workload knows; otherwise they are taken afterwards.</param>
internal sealed record Outcome(long Operations, Digest Digest, ParkedSizes? Sizes = null);
