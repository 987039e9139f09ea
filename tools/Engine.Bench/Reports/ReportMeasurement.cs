using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>A workload on one peer. Statistics are over the runs; the rest is from the last one.</summary>
internal sealed record ReportMeasurement
{
    public required string Peer { get; init; }

    public required IReadOnlyList<double> RunSeconds { get; init; }

    public required long Operations { get; init; }

    public required Statistic NanosecondsPerOperation { get; init; }

    public required Statistic CpuNanosecondsPerOperation { get; init; }

    public required double HotCallsPerOperation { get; init; }

    public required double FullCallsPerOperation { get; init; }

    /// <summary>Part of the time per operation that calls into native code took, by count and cost.</summary>
    public required double CallNanosecondsPerOperation { get; init; }

    public required double AllocatedBytesPerOperation { get; init; }

    public required int Collections { get; init; }

    public required double WrittenBytesPerOperation { get; init; }

    public required double WriteCallsPerOperation { get; init; }

    public required double DiskReadBytesPerOperation { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>Null where the engine does not tell.</summary>
    public required long? LiveBytes { get; init; }

    /// <summary>Live bytes when the parked reader's snapshot was taken; null in other workloads.</summary>
    public required long? SnapshotBytes { get; init; }

    /// <summary>File size in the middle of a workload that has one; null in others.</summary>
    public required long? HalfwayFileBytes { get; init; }

    public required long? HalfwayLiveBytes { get; init; }

    /// <summary>Lookups of a mixed workload; null in others.</summary>
    public required ReportLatency? Gets { get; init; }

    /// <summary>Write transactions of a mixed workload; null in others.</summary>
    public required ReportLatency? Commits { get; init; }

    /// <summary>What was read, and the tree afterwards; equal on all peers.</summary>
    public required string Digest { get; init; }
}
