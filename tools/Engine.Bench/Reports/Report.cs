using Engine.Bench.Footprints;

namespace Engine.Bench.Reports;

/// <summary>
/// A finished comparison as it is written to JSON; the tables are made from it too. Times in nanoseconds, sizes in
/// bytes.
/// </summary>
internal sealed record Report
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required double Seconds { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required ReportParameters Parameters { get; init; }

    /// <summary>The first one is the one the others are compared with.</summary>
    public required IReadOnlyList<ReportPeer> Peers { get; init; }

    public required IReadOnlyList<ReportWorkload> Workloads { get; init; }

    /// <summary>Memory of each engine; null unless it was asked for.</summary>
    public IReadOnlyList<FootprintRow>? Memory { get; init; }

    /// <summary>Engines that were asked for and cannot run here, with the reasons.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Whether two builds of this engine were compared.</summary>
    public bool HasVerdicts => Workloads.Any(workload => workload.Verdict is not null);

    public bool Failed => Workloads.Any(workload => workload.Failure is not null);
}
