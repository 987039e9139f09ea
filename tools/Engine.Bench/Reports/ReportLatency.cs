using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>Throughput, and latencies in nanoseconds over all runs together.</summary>
/// <param name="Count">Operations in all runs.</param>
/// <param name="PerSecond">By run.</param>
/// <param name="P50">Half of the operations took no longer.</param>
/// <param name="P99">99 of 100 took no longer.</param>
/// <param name="P999">999 of 1,000 took no longer.</param>
/// <param name="Maximum">None took longer.</param>
internal sealed record ReportLatency(
    long Count, Statistic PerSecond, double P50, double P99, double P999, double Maximum)
{
    public static ReportLatency? Of(IReadOnlyList<Sample> samples, Func<Sample, LatencyHistogram?> histogram)
    {
        LatencyHistogram all = new();
        List<double> perSecond = [];
        foreach (Sample sample in samples)
        {
            if (histogram(sample) is { } part)
            {
                all.Add(part);
                perSecond.Add(part.Count / sample.Seconds);
            }
        }

        return perSecond.Count == 0 ? null : Of(all, perSecond);
    }

    /// <param name="all">Of all runs.</param>
    /// <param name="perSecond">By run.</param>
    public static ReportLatency Of(LatencyHistogram all, IEnumerable<double> perSecond) => new(
        all.Count,
        Statistic.Of(perSecond),
        all.Percentile(0.5),
        all.Percentile(0.99),
        all.Percentile(0.999),
        all.Maximum);
}
