using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.History;

/// <summary>
/// What named snapshots and followers cost, as it is written to JSON; the table is made from it too. Times in
/// nanoseconds.
/// </summary>
internal sealed record HistoryReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required long Entries { get; init; }

    public required int ValueLength { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<HistoryRow> Rows { get; init; }

    public ReportDocument ToDocument() => new(
        [
            .. ReportFacts.Environment(Machine, Commit, CommandLine),
            ("data", $"{Quantity.Count(Entries)} entries, keys 16 bytes in random order, values {ValueLength} bytes; "
                + $"seed {Seed}"),
        ],
        [
            new ReportTable(
                "Named snapshots, and who follows",
                ["what", "median", "than", "median", "ratio", "min-max"],
                [.. Rows.Select(row => (IReadOnlyList<string>)
                [
                    row.Name, Show(row, row.Value), row.Than, Show(row, row.Base), Quantity.Ratio(row.Ratio.Median),
                    $"{Quantity.Ratio(row.Ratio.Minimum)} - {Quantity.Ratio(row.Ratio.Maximum)}",
                ])]),
        ],
        ["Both sides of a row are measured in turn; the ratio is the median of the rounds' ratios."],
        []);

    private static string Show(HistoryRow row, Statistic value) =>
        row.IsRate ? $"{Quantity.Count((long)value.Median)}/s" : Quantity.Time(value.Median);
}
