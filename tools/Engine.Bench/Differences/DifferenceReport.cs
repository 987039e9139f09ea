using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Differences;

/// <summary>
/// What the difference of two states costs, as it is written to JSON; the table is made from it too. Times in
/// nanoseconds.
/// </summary>
internal sealed record DifferenceReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required int ValueLength { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<DifferenceRow> Rows { get; init; }

    public ReportDocument ToDocument() => new(
        [
            .. ReportFacts.Environment(Machine, Commit, CommandLine),
            (
                "data",
                $"keys 16 bytes in random order, values {ValueLength} bytes; seed {Seed}; all in the system's cache"),
        ],
        [
            new ReportTable(
                "The difference of two states, and a comparison of two scans",
                [
                    "entries", "overwritten", "changes", "pages", "first", "median", "min-max", "per change",
                    "two scans", "scans/difference", "with a copy", "copy/difference"
                ],
                [.. Rows.Select(row => (IReadOnlyList<string>)
                [
                    Quantity.Count(row.Entries), Quantity.Count(row.Overwrites), Quantity.Count(row.Changes),
                    Quantity.Count(row.Pages), Quantity.Time(row.First), Quantity.Time(row.Time.Median),
                    $"{Quantity.Time(row.Time.Minimum)} - {Quantity.Time(row.Time.Maximum)}",
                    Quantity.Time(row.Time.Median / row.Changes), Quantity.Time(row.Scans.Median),
                    Quantity.Ratio(row.Scans.Median / row.Time.Median),
                    Quantity.Time(row.Copies.Median), Quantity.Ratio(row.Copies.Median / row.Time.Median),
                ])]),
        ],
        [
            "Every key and both values of a change are read. First: before the pages that were written have been "
                + "verified. Pages: leaves and branches of both trees that were looked into. Two scans: of both "
                + "states, which share most of their pages, and so of the memory. With a copy: of the newer state and "
                + "of a copy of the file that was made before, as a program has it that keeps no states.",
        ],
        []);
}
