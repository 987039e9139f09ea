using Engine.Bench.Measuring;
using Engine.Bench.Reports;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Reports;

/// <summary>A cell in numbers.</summary>
internal sealed record WriterRow
{
    public required string Workload { get; init; }

    public required int Clients { get; init; }

    public required string Peer { get; init; }

    /// <summary>How clients called it; null if no run ended.</summary>
    public required string? Form { get; init; }

    /// <summary>Updates per second by run, and latencies of all runs together; null if no run ended.</summary>
    public required ReportLatency? Updates { get; init; }

    /// <summary>Ranks per second by run, and latencies of all runs together; null if nobody asked.</summary>
    public required ReportLatency? Ranks { get; init; }

    /// <summary>Processor time of the process per update, by run.</summary>
    public required Statistic CpuMicroseconds { get; init; }

    /// <summary>
    /// Updates per second of the first peer / of this one, run by run: above 1 the first one makes more.
    /// </summary>
    public required Statistic Ratio { get; init; }

    public required string? Failure { get; init; }

    public static WriterRow Of(WriterCell cell, WriterCell first)
    {
        WriterSample[] samples = [.. cell.Samples.OfType<WriterSample>()];
        return new WriterRow
        {
            Workload = WriterWorkloads.NameOf(cell.Workload),
            Clients = cell.Clients,
            Peer = cell.Peer.Name,
            Form = samples.FirstOrDefault()?.Form,
            Updates = samples.Length == 0
                ? null
                : Latencies(samples, sample => sample.Latencies, sample => sample.PerSecond),
            Ranks = samples.All(sample => sample.Ranks is null)
                ? null
                : Latencies(samples, sample => sample.Ranks!, sample => sample.RanksPerSecond),
            CpuMicroseconds = Statistic.Of(samples.Select(sample => sample.CpuMicroseconds)),
            Ratio = Statistic.Of(
                first.Samples.Zip(cell.Samples)
                    .Where(pair => pair is { First: not null, Second: not null })
                    .Select(pair => pair.First!.PerSecond / pair.Second!.PerSecond)),
            Failure = cell.Failure,
        };
    }

    private static ReportLatency Latencies(
        WriterSample[] samples, Func<WriterSample, LatencyHistogram> latencies, Func<WriterSample, double> perSecond)
    {
        LatencyHistogram all = new();
        foreach (WriterSample sample in samples)
        {
            all.Add(latencies(sample));
        }

        return ReportLatency.Of(all, samples.Select(perSecond));
    }
}
