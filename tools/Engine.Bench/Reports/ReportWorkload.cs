using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>A workload's results.</summary>
internal sealed record ReportWorkload
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Unit { get; init; }

    public required bool Writes { get; init; }

    public required string? Failure { get; init; }

    /// <summary>Who took no part, and why.</summary>
    public required IReadOnlyList<PeerLack> Lacks { get; init; }

    /// <summary>Whether this build is slower than the other; null if no builds were compared.</summary>
    public required Verdict? Verdict { get; init; }

    /// <summary>The unavoidable work of an operation; null where it was not measured.</summary>
    public required Statistic? LimitNanosecondsPerOperation { get; init; }

    /// <summary>One per peer, in the order of the peers.</summary>
    public required IReadOnlyList<ReportMeasurement> Measurements { get; init; }

    /// <summary>One per peer after the first.</summary>
    public required IReadOnlyList<ReportRatio> Ratios { get; init; }
}
