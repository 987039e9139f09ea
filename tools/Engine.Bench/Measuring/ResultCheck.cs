using Engine.Bench.Data;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>Whether the last run of a workload returned the same, and what it had to, on every peer.</summary>
internal static class ResultCheck
{
    /// <summary>A description of the first difference, or null.</summary>
    public static string? Compare(Workload workload, IReadOnlyDictionary<string, List<Sample>> samples)
    {
        (string firstName, List<Sample> first) = samples.First();
        Sample expected = first[^1];
        foreach ((string name, List<Sample> list) in samples)
        {
            Sample sample = list[^1];
            if (!Same(sample.Digest, expected.Digest) || sample.Operations != expected.Operations)
            {
                return $"run {list.Count}: {name} returned {sample.Digest}, {firstName} {expected.Digest}";
            }

            if (sample.Tree is { } tree && expected.Tree is { } expectedTree && !Same(tree, expectedTree))
            {
                return $"run {list.Count}: {name} holds a tree of {tree}, {firstName} one of {expectedTree}";
            }

            if (workload.Hits is { } hits && (hits ? sample.Digest.Misses : sample.Digest.Hits) != 0)
            {
                return $"run {list.Count}: every lookup must {(hits ? "hit" : "miss")}, but {name} returned "
                    + $"{sample.Digest}";
            }
        }

        return null;
    }

    private static bool Same(Digest left, Digest right) =>
        left.Value == right.Value && left.Hits == right.Hits && left.Misses == right.Misses;
}
