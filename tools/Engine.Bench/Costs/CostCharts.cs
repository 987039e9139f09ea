using Engine.Bench.Measuring;
using Engine.Bench.Reports;

namespace Engine.Bench.Costs;

/// <summary>A chart per size of tree: bytes that LMDB writes over bytes that the engine writes.</summary>
internal static class CostCharts
{
    public static IEnumerable<BarChart> Of(CostReport report)
    {
        foreach (IGrouping<long, CostRow> rows in report.Rows.Where(
            row => row.LmdbBytes is not null).GroupBy(row => row.Entries))
        {
            yield return new BarChart(
                $"cost-{rows.Key}.svg",
                "Bytes written by lmdb / bytes written by engine, per put",
                "Above 1: engine writes less. Random overwrites, by their number per commit.",
                $"{rows.Key:N0} entries, keys {report.KeyLength} bytes, values {report.ValueLength:N0} bytes; commit "
                + $"{report.Commit}",
                [.. rows.Select(row => new Bar($"{row.Batch:N0} per commit", One(row.LmdbBytes!.Value / row.Bytes)))]);
        }
    }

    // Counted, not timed: there is no spread.
    private static Statistic One(double ratio) => new(ratio, ratio, ratio);
}
