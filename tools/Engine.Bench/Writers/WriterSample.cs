using Engine.Bench.Measuring;

namespace Engine.Bench.Writers;

/// <summary>What was measured in one run of a cell.</summary>
/// <param name="Form">How clients called the database.</param>
/// <param name="Updates">Acknowledged in the measured time.</param>
/// <param name="Seconds">The measured time.</param>
/// <param name="CpuSeconds">Processor time of the whole process in it, user and system.</param>
/// <param name="Latencies">Of these updates, and of those that were under way at the end.</param>
/// <param name="Ranks">Of the ranks that were asked for in the measured time; null if nobody asked.</param>
internal sealed record WriterSample(
    string Form,
    long Updates,
    double Seconds,
    double CpuSeconds,
    LatencyHistogram Latencies,
    LatencyHistogram? Ranks = null)
{
    public double PerSecond => Updates / Seconds;

    /// <summary>NaN if nobody asked for ranks.</summary>
    public double RanksPerSecond => Ranks is { } ranks ? ranks.Count / Seconds : double.NaN;

    public double CpuMicroseconds => Updates == 0 ? double.NaN : CpuSeconds * 1e6 / Updates;
}
