using System.Text.Json.Serialization;
using Engine.Bench.Data;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>What was measured in one timed run of a workload on one peer.</summary>
internal sealed record Sample
{
    public required double Seconds { get; init; }

    /// <summary>
    /// Processor time of the whole process, user and system: what is left of a time when the machine is shared.
    /// </summary>
    public required double CpuSeconds { get; init; }

    public required long Operations { get; init; }

    public required Digest Digest { get; init; }

    public required CallCount Calls { get; init; }

    public required long AllocatedBytes { get; init; }

    public required int Collections { get; init; }

    public required IoCount Io { get; init; }

    public required PeerSizes Sizes { get; init; }

    public ParkedSizes? Parked { get; init; }

    public PeerSizes? Halfway { get; init; }

    /// <summary>Not told to other processes.</summary>
    [JsonIgnore]
    public MixedLatencies? Latencies { get; init; }

    /// <summary>The digest of the whole tree after a workload that writes.</summary>
    public Digest? Tree { get; init; }

    public double NanosecondsPerOperation => Seconds * 1e9 / Math.Max(Operations, 1);
}
