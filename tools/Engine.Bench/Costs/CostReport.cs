using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Costs;

/// <summary>What copy-on-write costs, as it is written to JSON; the tables are made from it too.</summary>
internal sealed record CostReport
{
    public int Schema { get; init; } = 1;

    public required string Tool { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required string Commit { get; init; }

    public required string CommandLine { get; init; }

    public required MachineInfo Machine { get; init; }

    public required int PageSize { get; init; }

    public required int KeyLength { get; init; }

    public required int ValueLength { get; init; }

    public required ulong Seed { get; init; }

    public required IReadOnlyList<CostRow> Rows { get; init; }

    public ReportDocument ToDocument() => new(
        [
            .. ReportFacts.Environment(Machine, Commit, CommandLine),
            (
                "data",
                $"keys {KeyLength} bytes, values {ValueLength} bytes, pages {PageSize} bytes; trees filled in random "
                + $"order; seed {Seed}"),
        ],
        [.. Rows.GroupBy(row => row.Entries).Select(Table)],
        [
            "Expected: the sum over the levels of L (1 - (1 - 1/L)^b) tree pages for b overwrites per transaction, and "
                + "one meta. What was written beyond it are pages of the space log. Amplification: bytes written / "
                + "bytes of keys and values put.",
        ],
        []);

    private ReportTable Table(IGrouping<long, CostRow> rows)
    {
        bool hasLmdb = rows.Any(row => row.LmdbBytes is not null);
        List<string> columns =
            [
                "overwrites per commit", "commits", "pages/commit", "expected", "pages/put", "bytes/put",
                "amplification", "writes/commit", "flushes/commit"
            ];
        if (hasLmdb)
        {
            columns.AddRange(["lmdb bytes/put", "lmdb writes/commit", "lmdb/engine bytes"]);
        }

        return new ReportTable(
            $"{rows.Key:N0} entries, depth {rows.First().Levels.Count}: "
            + $"{string.Join(" + ", rows.First().Levels.Select(level => level.ToString("N0")))} pages",
            columns,
            [.. rows.Select(row => (IReadOnlyList<string>)[.. Cells(row), .. hasLmdb ? LmdbCells(row) : []])]);
    }

    private string[] Cells(CostRow row) =>
    [
        row.Batch.ToString("N0"),
        row.Transactions.ToString("N0"),
        Quantity.Digits(row.Pages),
        Quantity.Digits(row.ExpectedPages),
        Quantity.Digits(row.Pages / row.Batch),
        Quantity.Bytes(row.Bytes / row.Batch),
        Quantity.Ratio(row.Bytes / row.Batch / (KeyLength + ValueLength)),
        Quantity.Digits(row.WriteCalls), Quantity.Digits(row.Flushes),
    ];

    private static string[] LmdbCells(CostRow row) =>
    [
        Quantity.Bytes(row.LmdbBytes / row.Batch ?? double.NaN),
        Quantity.Digits(row.LmdbWriteCalls ?? double.NaN),
        Quantity.Ratio(row.LmdbBytes / row.Bytes ?? double.NaN),
    ];
}
