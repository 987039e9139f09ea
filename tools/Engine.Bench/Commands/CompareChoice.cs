using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Reports;

namespace Engine.Bench.Commands;

/// <summary>What is to be compared with what, as the command line says it.</summary>
/// <param name="Preset">The name of a preset, or null.</param>
/// <param name="Build">The directory of another build, or null.</param>
/// <param name="FailIfSlower">Percent that a build may be slower, or null.</param>
/// <param name="Baseline">The engine the others are compared with.</param>
/// <param name="OtherPeers">The others' names, or none.</param>
/// <param name="NamesPeers">Whether somebody named them, and not the default.</param>
/// <param name="Selection">Patterns of workloads, or null.</param>
/// <param name="HasMemoryLimit">Whether there is one.</param>
internal sealed record CompareChoice(
    string? Preset,
    string? Build,
    double? FailIfSlower,
    string Baseline,
    string OtherPeers,
    bool NamesPeers,
    string? Selection,
    bool HasMemoryLimit)
{
    public bool IsService => Preset is not null;

    /// <summary>Patterns of the workloads to run; null for all.</summary>
    public string? Workloads => Selection ?? (IsService ? ServicePreset.Workloads : null);

    /// <exception cref="BenchException">Options exclude one another, or a preset is unknown.</exception>
    public void Validate()
    {
        if (Preset is not (null or ServicePreset.Name))
        {
            throw new BenchException($"There is no preset \"{Preset}\"; there is {ServicePreset.Name}.");
        }

        if (IsService && (NamesPeers || Build is not null || HasMemoryLimit))
        {
            throw new BenchException(
                "--preset chooses the engines: leave out --peers, --baseline-build and --memory-limit.");
        }

        if (Build is not null && (NamesPeers || HasMemoryLimit))
        {
            throw new BenchException(
                "--baseline-build compares this engine with itself: leave out --peers and --memory-limit.");
        }

        if (FailIfSlower is not null && Build is null)
        {
            throw new BenchException("--fail-if-slower needs --baseline-build: there is nothing to be slower than.");
        }

        if (FailIfSlower is < 0 or double.NaN)
        {
            throw new BenchException("--fail-if-slower is a number of percent from 0 on.");
        }
    }

    /// <summary>The engines; those of a preset that cannot run here are left out, and why is added.</summary>
    public IReadOnlyList<IPeer> Peers(ICollection<string> missing) =>
    [
        PeerCatalog.Get(Baseline),
        .. IsService ? ServicePreset.Available(missing)
            : Build is not null || OtherPeers == "none" ? []
            : CompareOptions.ParsePeers(OtherPeers),
    ];

    /// <summary>Whether a build is slower than it may be.</summary>
    public bool IsTooSlow(Report report) => FailIfSlower is { } percent && report.Workloads.Any(
        workload => workload.Verdict is { Kind: VerdictKind.Slower } verdict && verdict.PercentSlower >= percent);
}
