using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>The charts of a comparison: one per engine that the first one is compared with.</summary>
internal static class ReportCharts
{
    public static IEnumerable<BarChart> Of(Report report)
    {
        string own = report.Peers[0].Name;
        foreach (ReportPeer other in report.Peers.Skip(1))
        {
            string calls = other.CallCost is null
                ? string.Empty
                : ", the cost of calling it subtracted where that is possible";
            yield return new BarChart(
                $"{own}-{other.Name}.svg",
                $"Time of {other.Name} / time of {own}",
                $"Above 1: {own} is faster. Medians of {report.Parameters.Runs} runs{calls}; the thin line is the "
                + $"spread.",
                $"{report.Parameters.Entries:N0} entries, keys {report.Parameters.KeyLength} bytes, values "
                    + $"{report.Parameters.ValueLength:N0} bytes{ReportFacts.Limits(report.Parameters)}; "
                    + $"{report.Machine.Cpu}, {report.Machine.Cores} cores; commit {report.Commit}",
                [
                    .. report.Workloads.Where(workload => workload.Failure is null)
                        .Select(workload => Bar(workload, other.Name))
                ]);
        }
    }

    private static Bar Bar(ReportWorkload workload, string other)
    {
        ReportRatio ratio = workload.Ratios.First(each => each.Peer == other);
        Statistic shown = double.IsFinite(ratio.NativeTime.Median) ? ratio.NativeTime : ratio.Time;
        return new Bar(workload.Title, shown);
    }
}
