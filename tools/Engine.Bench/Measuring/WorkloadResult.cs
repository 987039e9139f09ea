using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>All samples of a workload.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Samples">By the peer's name, one per run; fewer if it failed.</param>
/// <param name="Failure">What went wrong; null if nothing did.</param>
internal sealed record WorkloadResult(
    Workload Workload, IReadOnlyDictionary<string, List<Sample>> Samples, string? Failure)
{
    public Statistic TimePerOperation(string peer) =>
        Statistic.Of(Samples[peer].Select(sample => sample.NanosecondsPerOperation));

    /// <summary>How many times faster <paramref name="own"/> is than <paramref name="other"/>, run by run.</summary>
    /// <param name="own">The peer whose time is the denominator.</param>
    /// <param name="other">The peer whose time is the numerator.</param>
    /// <param name="seconds">Which time of a sample.</param>
    public Statistic Ratio(string own, string other, Func<string, Sample, double> seconds) =>
        Statistic.Of(Samples[own].Zip(Samples[other], (mine, theirs) => seconds(other, theirs) / seconds(own, mine)));
}
