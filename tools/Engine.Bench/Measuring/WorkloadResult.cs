using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>All samples of a workload.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Samples">By the name of each peer that took part, one per run; fewer if it failed.</param>
/// <param name="Failure">What went wrong; null if nothing did.</param>
internal sealed record WorkloadResult(
    Workload Workload, IReadOnlyDictionary<string, List<Sample>> Samples, string? Failure)
{
    /// <summary>Who took no part, and why.</summary>
    public IReadOnlyList<PeerLack> Lacks { get; init; } = [];

    /// <summary>Nanoseconds of the unavoidable work of an operation; null where it is not measured.</summary>
    public Statistic? Limit { get; init; }

    /// <summary>Whether a build is slower than another; null if no builds are compared.</summary>
    public Verdict? Verdict { get; init; }

    public Statistic TimePerOperation(string peer) =>
        Statistic.Of(Of(peer).Select(sample => sample.NanosecondsPerOperation));

    /// <summary>How many times faster <paramref name="own"/> is than <paramref name="other"/>, run by run.</summary>
    /// <param name="own">The peer whose time is the denominator.</param>
    /// <param name="other">The peer whose time is the numerator.</param>
    /// <param name="seconds">Which time of a sample.</param>
    public Statistic Ratio(string own, string other, Func<string, Sample, double> seconds) =>
        Statistic.Of(Of(own).Zip(Of(other), (mine, theirs) => seconds(other, theirs) / seconds(own, mine)));

    /// <summary>The samples of a peer; none if it took no part.</summary>
    public IReadOnlyList<Sample> Of(string peer) => Samples.GetValueOrDefault(peer) ?? [];
}
