using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Growth;

/// <summary>How costs grow with the database, as it is written to JSON; table and chart are made from it too.</summary>
internal sealed record GrowthReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required int ValueLength { get; init; }

    public required ulong Seed { get; init; }

    public required int Runs { get; init; }

    /// <summary>At most so many lookups and overwrites per run.</summary>
    public required long Operations { get; init; }

    public required IReadOnlyList<GrowthRow> Rows { get; init; }

    public ReportDocument ToDocument() => new(
        [
            .. ReportFacts.Environment(Machine, Commit, CommandLine),
            ("data", $"keys 16 bytes, ascending as they are loaded, values {ValueLength} bytes; {Runs} runs, medians; "
                + $"at most {Quantity.Count(Operations)} lookups and overwrites per run; seed {Seed}"),
        ],
        [
            new ReportTable(
                "Growth",
                [
                    "entries", "depth", "file", "load, per entry", "get", "scan, per entry",
                    "overwrite, 10^3 per transaction", "check, per entry", "open and first get"
                ],
                [.. Rows.Select(row => (IReadOnlyList<string>)
                [
                    row.Entries.ToString("N0"), row.Depth.ToString(), Quantity.Bytes(row.FileBytes),
                    Quantity.Time(row.Load), Quantity.Time(row.Get.Median), Quantity.Time(row.Scan.Median),
                    Quantity.Time(row.Overwrite.Median), Quantity.Time(row.Check.Median),
                    Quantity.Time(row.Open.Median),
                ])]),
        ],
        [
            "The file's size is that after the load. Overwrites are not flushed within a run. All is in the system's "
                + "cache as far as it fits.",
        ],
        []);

    /// <summary>The growth as lines, against the smallest size.</summary>
    public IEnumerable<IChart> Charts()
    {
        if (Rows.Count < 2)
        {
            yield break;
        }

        yield return new LineChart(
            "growth.svg",
            "Time against that of the smallest database",
            "By entries. A line that stays at 1 does not grow; all but the opening are per operation.",
            $"keys 16 bytes, values {ValueLength:N0} bytes; {Machine.Cpu}, {Machine.Cores} cores; commit {Commit}",
            [
                Series("load", row => row.Load),
                Series("get", row => row.Get.Median),
                Series("scan", row => row.Scan.Median),
                Series("overwrite", row => row.Overwrite.Median),
                Series("check", row => row.Check.Median),
                Series("open", row => row.Open.Median),
            ]);
    }

    private LineSeries Series(string label, Func<GrowthRow, double> time)
    {
        GrowthRow smallest = Rows.MinBy(row => row.Entries)!;
        return new LineSeries(
            label,
            [.. Rows.OrderBy(row => row.Entries).Select(row => ((double)row.Entries, time(row) / time(smallest)))]);
    }
}
