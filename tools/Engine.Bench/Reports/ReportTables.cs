using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>The tables of a report.</summary>
internal static class ReportTables
{
    public static IEnumerable<ReportTable> Of(Report report)
    {
        if (report.Peers.Count == 1)
        {
            yield return Times(report);
        }

        foreach (ReportPeer other in report.Peers.Skip(1))
        {
            yield return Ratios(report, other);
        }

        if (report.Workloads.Any(workload => workload.Writes))
        {
            yield return Writes(report);
            yield return Sizes(report);
        }
    }

    private static ReportTable Times(Report report) => new(
        report.Peers[0].Name,
        ["workload", "time", "spread", "per"],
        [.. report.Workloads.Select(workload => (IReadOnlyList<string>)
            [workload.Title, Time(workload, report.Peers[0].Name), Spread(workload, report.Peers[0].Name), workload.Unit])]);

    private static ReportTable Ratios(Report report, ReportPeer other)
    {
        string own = report.Peers[0].Name;
        bool subtracts = other.CallCost is not null;
        List<string> columns = ["workload", "per", own, other.Name, "ratio", "min-max"];
        if (subtracts)
        {
            columns.Add("less calls");
        }

        columns.Add("cpu ratio");
        List<IReadOnlyList<string>> rows = [];
        foreach (ReportWorkload workload in report.Workloads)
        {
            ReportRatio ratio = workload.Ratios.First(each => each.Peer == other.Name);
            List<string> row =
            [
                workload.Title, workload.Unit, Time(workload, own), Time(workload, other.Name),
                workload.Failure is null ? Quantity.Ratio(ratio.Time.Median) : "FAILED",
                $"{Quantity.Digits(ratio.Time.Minimum)}-{Quantity.Digits(ratio.Time.Maximum)}",
            ];
            if (subtracts)
            {
                row.Add(Quantity.Ratio(ratio.NativeTime.Median));
            }

            row.Add(Quantity.Ratio(ratio.CpuTime.Median));
            rows.Add(row);
        }

        return new ReportTable($"{own} and {other.Name}: ratio = time of {other.Name} / time of {own}, > 1 means {own} is faster", columns, rows);
    }

    private static ReportTable Writes(Report report)
    {
        List<string> columns = ["what was written", "per"];
        columns.AddRange(report.Peers.SelectMany(peer => new[] { peer.Name + " bytes", peer.Name + " calls" }));
        columns.Add(report.Peers[0].Name + " heap");
        return new ReportTable(
            "Bytes and calls of write, and managed allocation, per unit",
            columns,
            [.. report.Workloads.Where(workload => workload.Writes).Select(workload => (IReadOnlyList<string>)
            [
                workload.Title, workload.Unit,
                .. report.Peers.SelectMany(peer => new[]
                {
                    Show(workload, peer.Name, each => Quantity.Bytes(each.WrittenBytesPerOperation)),
                    Show(workload, peer.Name, each => Quantity.Digits(each.WriteCallsPerOperation)),
                }),
                Show(workload, report.Peers[0].Name, each => Quantity.Bytes(each.AllocatedBytesPerOperation)),
            ])]);
    }

    private static ReportTable Sizes(Report report)
    {
        List<string> columns = ["size after"];
        columns.AddRange(report.Peers.SelectMany(peer => new[] { peer.Name + " file", peer.Name + " live", "file/live" }));
        List<IReadOnlyList<string>> rows = [];
        foreach (ReportWorkload workload in report.Workloads.Where(workload => workload.Writes))
        {
            rows.Add(
            [
                workload.Title,
                .. report.Peers.SelectMany(peer => new[]
                {
                    Show(workload, peer.Name, each => Quantity.Bytes(each.FileBytes)),
                    Show(workload, peer.Name, each => Quantity.Bytes(each.LiveBytes)),
                    Show(workload, peer.Name, each => Quantity.Ratio((double)each.FileBytes / each.LiveBytes)),
                }),
            ]);
            if (workload.Measurements.Any(each => each.SnapshotBytes is not null))
            {
                rows.Add(
                [
                    "  the same, against live + the reader's snapshot",
                    .. report.Peers.SelectMany(peer => new[]
                    {
                        string.Empty,
                        Show(workload, peer.Name, each => Quantity.Bytes(each.LiveBytes + each.SnapshotBytes.GetValueOrDefault())),
                        Show(workload, peer.Name, each => Quantity.Ratio(
                            (double)each.FileBytes / (each.LiveBytes + each.SnapshotBytes.GetValueOrDefault()))),
                    }),
                ]);
            }
        }

        return new ReportTable("Sizes", columns, rows);
    }

    private static string Time(ReportWorkload workload, string peer) =>
        Show(workload, peer, each => Quantity.Time(each.NanosecondsPerOperation.Median));

    private static string Spread(ReportWorkload workload, string peer) => Show(
        workload, peer, each => $"{Quantity.Time(each.NanosecondsPerOperation.Minimum)} - {Quantity.Time(each.NanosecondsPerOperation.Maximum)}");

    private static string Show(ReportWorkload workload, string peer, Func<ReportMeasurement, string> show) =>
        workload.Measurements.FirstOrDefault(each => each.Peer == peer) is { } measurement ? show(measurement) : "-";
}
