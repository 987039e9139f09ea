using Engine.Bench.Reports;

namespace Engine.Bench.Writers.Reports;

/// <summary>A chart per peer that the first one is compared with.</summary>
internal static class WriterCharts
{
    public static IEnumerable<BarChart> Of(WriterReport report)
    {
        string own = report.Peers[0].Name;
        foreach (ReportPeer other in report.Peers.Skip(1))
        {
            yield return new BarChart(
                $"writers-{own}-{other.Name}.svg",
                $"Updates per second of {own} / of {other.Name}",
                $"Above 1: {own} makes more. Medians of {report.Runs} runs; the thin line is the spread.",
                $"{report.Entries:N0} players or keys, durable updates; {report.Machine.Cpu}, {report.Machine.Cores} "
                + $"cores; commit {report.Commit}",
                [
                    .. report.Rows
                        .Where(row => row.Peer == other.Name && double.IsFinite(row.Ratio.Median))
                        .Select(row => new Bar($"{row.Workload}, {row.Clients:N0} clients", row.Ratio))
                ]);
        }
    }
}
