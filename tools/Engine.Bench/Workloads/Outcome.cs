using Engine.Bench.Data;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>What a workload did.</summary>
/// <param name="Operations">Units of work, by which the time is divided.</param>
/// <param name="Digest">What it read; must be the same on every peer.</param>
internal sealed record Outcome(long Operations, Digest Digest)
{
    /// <summary>How long it took, if only a part of the execution counts.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>Sizes at a moment that only the workload knows; otherwise they are taken afterwards.</summary>
    public ParkedSizes? Sizes { get; init; }

    /// <summary>Sizes in the middle, where the workload has a middle worth knowing.</summary>
    public PeerSizes? Halfway { get; init; }

    /// <summary>Latencies, where it took them.</summary>
    public MixedLatencies? Latencies { get; init; }
}
