using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Micro;

/// <summary>
/// The micro benchmarks as they are written to JSON; the table is made from it too. Times in nanoseconds.
/// </summary>
internal sealed record MicroReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required string Job { get; init; }

    public required IReadOnlyList<MicroResult> Results { get; init; }

    public static IReadOnlyList<MicroResult> ResultsOf(IEnumerable<Summary> summaries) =>
        [.. summaries.SelectMany(summary => summary.Reports, (summary, report) => Result(report))];

    public ReportDocument ToDocument() => new(
        [.. ReportFacts.Environment(Machine, Commit, CommandLine), ("job", Job)],
        [
            new ReportTable(
                "Micro benchmarks, per operation",
                ["benchmark", "parameters", "mean", "median", "min-max", "error (99.9 %)", "heap"],
                [.. Results.Select(result => (IReadOnlyList<string>)
                [
                    result.Name, result.Parameters, Quantity.Time(result.Mean), Quantity.Time(result.Time.Median),
                    $"{Quantity.Time(result.Time.Minimum)} - {Quantity.Time(result.Time.Maximum)}",
                    Quantity.Time(result.Error),
                    Quantity.Bytes(result.AllocatedBytes),
                ])]),
        ],
        [],
        [
            .. Results.Where(result => !double.IsFinite(result.Mean)).Select(
                result => $"FAILED {result.Name} {result.Parameters}: no measurement; run it with --verbose")
        ]);

    private static MicroResult Result(BenchmarkReport report)
    {
        BenchmarkCase benchmark = report.BenchmarkCase;
        return new MicroResult(
            benchmark.Descriptor.WorkloadMethodDisplayInfo.Trim('\''),
            benchmark.Parameters.PrintInfo,
            report.ResultStatistics is { } statistics
                ? new Statistic(statistics.Median, statistics.Min, statistics.Max)
                : Statistic.Of([]),
            report.ResultStatistics?.Mean ?? double.NaN,
            report.ResultStatistics?.ConfidenceInterval.Margin ?? double.NaN,
            report.GcStats.GetBytesAllocatedPerOperation(benchmark) ?? double.NaN);
    }
}
