using Engine.Bench.Footprints;
using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>The tables of a report.</summary>
internal static class ReportTables
{
    private static readonly string[] LimitColumns = ["limit", "of the limit"];

    public static IEnumerable<ReportTable> Of(Report report)
    {
        if (report.Memory is { } memory)
        {
            yield return ServiceTable.Of(report, memory);
            if (memory.Count > 0)
            {
                yield return FootprintReport.Table(memory);
            }
        }

        if (report.Peers.Count == 1)
        {
            yield return Times(report);
        }

        foreach (ReportPeer other in report.Peers.Skip(1))
        {
            yield return Ratios(report, other);
        }

        if (report.Parameters.MemoryLimit is not null)
        {
            yield return Reads(report);
        }

        if (report.Workloads.Any(workload => workload.Writes))
        {
            yield return Writes(report);
            yield return Sizes(report);
        }

        if (report.Workloads.Any(workload => workload.Measurements.Any(each => each.Gets is not null)))
        {
            yield return Latencies(report);
        }
    }

    private static ReportTable Times(Report report) => new(
        report.Peers[0].Name,
        ["workload", "time", "spread", "per", .. HasLimits(report) ? LimitColumns : []],
        [.. report.Workloads.Select(workload => (IReadOnlyList<string>)
            [
                workload.Title,
                Time(workload, report.Peers[0].Name),
                Spread(workload, report.Peers[0].Name),
                workload.Unit,
                .. HasLimits(report) ? LimitCells(workload, report.Peers[0].Name) : [],
            ])]);

    private static ReportTable Ratios(Report report, ReportPeer other)
    {
        string own = report.Peers[0].Name;
        bool subtracts = other.CallCost is not null;
        bool hasLimits = HasLimits(report);
        List<string> columns = ["workload", "per", own, other.Name, "ratio", "min-max"];
        if (subtracts)
        {
            columns.Add("less calls");
        }

        columns.Add("cpu ratio");
        if (hasLimits)
        {
            columns.AddRange(LimitColumns);
        }

        if (report.HasVerdicts)
        {
            columns.Add("verdict");
        }

        List<IReadOnlyList<string>> rows = [];
        foreach (ReportWorkload workload in report.Workloads)
        {
            ReportRatio ratio = workload.Ratios.First(each => each.Peer == other.Name);
            List<string> row =
            [
                workload.Title, workload.Unit, Time(workload, own), Time(workload, other.Name),
                workload.Failure is not null ? "FAILED"
                    : workload.Lacks.Any(lack => lack.Peer == other.Name) ? "n/a"
                    : Quantity.Ratio(ratio.Time.Median),
                double.IsNaN(ratio.Time.Minimum)
                    ? "-"
                    : $"{Quantity.Digits(ratio.Time.Minimum)}-{Quantity.Digits(ratio.Time.Maximum)}",
            ];
            if (subtracts)
            {
                row.Add(Quantity.Ratio(ratio.NativeTime.Median));
            }

            row.Add(Quantity.Ratio(ratio.CpuTime.Median));
            if (hasLimits)
            {
                row.AddRange(LimitCells(workload, own));
            }

            if (report.HasVerdicts)
            {
                row.Add(Show(workload.Verdict));
            }

            rows.Add(row);
        }

        return new ReportTable(
            $"{own} and {other.Name}: ratio = time of {other.Name} / time of {own}, > 1 means {own} is faster",
            columns,
            rows);
    }

    private static ReportTable Reads(Report report) => new(
        "Bytes read from the disk, per unit",
        ["what was read", "per", .. report.Peers.Select(peer => peer.Name)],
        [.. report.Workloads.Select(workload => (IReadOnlyList<string>)
        [
            workload.Title, workload.Unit,
            .. report.Peers.Select(
                peer => Show(workload, peer.Name, each => Quantity.Bytes(each.DiskReadBytesPerOperation))),
        ])]);

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

    private static ReportTable Latencies(Report report)
    {
        List<IReadOnlyList<string>> rows = [];
        foreach (ReportWorkload workload in report.Workloads)
        {
            foreach (ReportMeasurement each in workload.Measurements)
            {
                if (each is { Gets: { } gets, Commits: { } commits })
                {
                    rows.Add(
                    [
                        workload.Title,
                        each.Peer,
                        Quantity.Count(gets.PerSecond.Median),
                        Quantity.Count(commits.PerSecond.Median),
                        .. Waits(gets), .. Waits(commits),
                    ]);
                }
            }
        }

        return new ReportTable(
            $"One writer and {report.Parameters.Readers} readers at once: throughput and latencies of gets and of "
            + $"commits",
            [
                "mixed", "engine", "gets/s", "commits/s", "get p50", "p99", "p99.9", "max", "commit p50", "p99",
                "p99.9", "max"
            ],
            rows);
    }

    private static string[] Waits(ReportLatency latency) =>
        [
            Quantity.Time(latency.P50),
            Quantity.Time(latency.P99),
            Quantity.Time(latency.P999),
            Quantity.Time(latency.Maximum)
        ];

    private static ReportTable Sizes(Report report)
    {
        string own = report.Peers[0].Name;
        IReadOnlyList<ReportPeer> others = [.. report.Peers.Skip(1)];
        List<string> columns = ["size after"];
        columns.AddRange(
            report.Peers.SelectMany(peer => new[] { peer.Name + " file", peer.Name + " live", "file/live" }));
        columns.AddRange(others.Select(other => $"{own}/{other.Name} file"));
        List<IReadOnlyList<string>> rows = [];
        foreach (ReportWorkload workload in report.Workloads.Where(workload => workload.Writes))
        {
            if (workload.Measurements.Any(each => each.HalfwayFileBytes is not null))
            {
                rows.Add(
                    Row(
                        workload,
                        "random fill alone (first part of the next)",
                        each => each.HalfwayFileBytes,
                        each => each.HalfwayLiveBytes));
            }

            rows.Add(Row(workload, workload.Title, each => each.FileBytes, each => each.LiveBytes));
            if (workload.Measurements.Any(each => each.SnapshotBytes is not null))
            {
                rows.Add(Row(
                    workload, "  the same, against live + the reader's snapshot", each => each.FileBytes,
                    each => each.LiveBytes + each.SnapshotBytes));
            }
        }

        return new ReportTable("Sizes", columns, rows);

        IReadOnlyList<string> Row(
            ReportWorkload workload,
            string title,
            Func<ReportMeasurement, long?> file,
            Func<ReportMeasurement, long?> live) =>
        [
            title,
            .. report.Peers.SelectMany(peer => new[]
            {
                Show(workload, peer.Name, each => Quantity.Bytes(file(each) ?? double.NaN)),
                Show(workload, peer.Name, each => Quantity.Bytes(live(each) ?? double.NaN)),
                Show(workload, peer.Name, each => Quantity.Ratio((double?)file(each) / live(each) ?? double.NaN)),
            }),
            .. others.Select(other => Show(workload, own, mine => Show(
                workload, other.Name, theirs => Quantity.Ratio((double?)file(mine) / file(theirs) ?? double.NaN)))),
        ];
    }

    private static string Time(ReportWorkload workload, string peer) =>
        Show(workload, peer, each => Quantity.Time(each.NanosecondsPerOperation.Median));

    private static string Spread(ReportWorkload workload, string peer) => Show(
        workload,
        peer,
        each => $"{Quantity.Time(each.NanosecondsPerOperation.Minimum)} - "
        + $"{Quantity.Time(each.NanosecondsPerOperation.Maximum)}");

    private static string Show(ReportWorkload workload, string peer, Func<ReportMeasurement, string> show) =>
        workload.Measurements.FirstOrDefault(each => each.Peer == peer) is { } measurement ? show(measurement)
        : workload.Lacks.Any(lack => lack.Peer == peer) ? "n/a"
        : "-";

    private static string Show(Verdict? verdict) => verdict?.Kind switch
    {
        VerdictKind.Slower => $"slower by {verdict.PercentSlower:0.0} %",
        VerdictKind.Faster => $"faster by {(verdict.Ratio - 1) * 100:0.0} %",
        VerdictKind.Same => "no difference",
        VerdictKind.Undecided => "undecided",
        _ => "-",
    };

    private static bool HasLimits(Report report) =>
        report.Workloads.Any(workload => workload.LimitNanosecondsPerOperation is not null);

    private static string[] LimitCells(ReportWorkload workload, string own) =>
    [
        Quantity.Time(workload.LimitNanosecondsPerOperation?.Median ?? double.NaN),
        Show(
            workload,
            own,
            each => Quantity.Percent(
                workload.LimitNanosecondsPerOperation?.Median / each.NanosecondsPerOperation.Median ?? double.NaN)),
    ];
}
