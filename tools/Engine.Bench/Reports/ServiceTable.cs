using Engine.Bench.Footprints;
using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>The table "what a C# service would pick instead": few rows, all engines side by side.</summary>
internal static class ServiceTable
{
    private static readonly (string Workload, string Row)[] Rows =
    [
        ("random-get-own", "get, in a read transaction of its own"),
        ("scan-forward", "scan, per entry"),
        ("overwrite-1-durable", "durable put"),
        ("overwrite-100-durable", "batch of 100 puts, durable, per put"),
        ("mixed-95-5", "mixed, 95 % gets and 5 % puts, per operation"),
    ];

    public static IEnumerable<string> Workloads => Rows.Select(row => row.Workload);

    /// <summary>
    /// A column per engine, absolute figures, and in brackets how many times as much as the first one's it is.
    /// </summary>
    public static ReportTable Of(Report report, IReadOnlyList<FootprintRow> memory) => new(
        $"What a C# service would pick instead ({report.Parameters.Entries:N0} entries; in brackets: times that of "
        + $"{report.Peers[0].Name}, above 1 {report.Peers[0].Name} is better)",
        ["", .. report.Peers.Select(peer => peer.Name)],
        [
            .. Rows.SelectMany(row => report.Workloads.Where(workload => workload.Name == row.Workload)
                .Select(workload => Times(row.Row, workload, report))),
            Sizes("file", report, memory, row => row.Measured.FileBytes),
            Sizes("memory, private", report, memory, row => row.Measured.Read.Private),
            Sizes("memory, mapped files", report, memory, row => row.Measured.Read.Mapped),
        ]);

    private static IReadOnlyList<string> Times(string title, ReportWorkload workload, Report report)
    {
        List<string> row = [title];
        foreach (ReportPeer peer in report.Peers)
        {
            ReportMeasurement? measured = workload.Measurements.FirstOrDefault(each => each.Peer == peer.Name);
            ReportRatio? ratio = workload.Ratios.FirstOrDefault(each => each.Peer == peer.Name);
            row.Add(
                workload.Failure is not null ? "FAILED"
                : measured is null ? "n/a"
                : Quantity.Time(measured.NanosecondsPerOperation.Median) + Factor(ratio?.Time.Median));
        }

        return row;
    }

    private static IReadOnlyList<string> Sizes(
        string title, Report report, IReadOnlyList<FootprintRow> memory, Func<FootprintRow, long> size)
    {
        List<string> row = [title];
        double? own = null;
        foreach (ReportPeer peer in report.Peers)
        {
            double? bytes = memory.FirstOrDefault(each => each.Peer == peer.Name) is { } found
                ? Math.Max(size(found), 0)
                : null;
            row.Add(bytes is { } known ? Quantity.Bytes(known) + Factor(own is > 0 ? known / own : null) : "n/a");
            own ??= bytes;
        }

        return row;
    }

    private static string Factor(double? ratio) => ratio is { } known ? $" ({Quantity.Ratio(known)})" : string.Empty;
}
