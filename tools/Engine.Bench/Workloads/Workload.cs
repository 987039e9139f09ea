namespace Engine.Bench.Workloads;

/// <summary>Something to time: the same on every peer.</summary>
internal sealed record Workload
{
    /// <summary>What <c>--workloads</c> calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Its row in the tables.</summary>
    public required string Title { get; init; }

    /// <summary>What is counted: "get", "entry", "put" …</summary>
    public required string Unit { get; init; }

    public required TreeNeed Needs { get; init; }

    /// <summary>How many operations at a scale; for scans the number of entries.</summary>
    public required Func<Scale, long> Operations { get; init; }

    public required Func<WorkloadRun, Outcome> Execute { get; init; }

    /// <summary>
    /// Whether it changes the tree: then the trees of all peers are compared afterwards, and writes are reported.
    /// </summary>
    public bool Writes { get; init; }

    /// <summary>Whether it leaves a tree that is not filled, for which the next workload must fill again.</summary>
    public bool Spoils { get; init; }

    /// <summary>Whether it leaves the filled tree that others need.</summary>
    public bool Fills { get; init; }

    /// <summary>Cannot be cut into slices; the warm-up leaves it out, since its loops are those of others.</summary>
    public bool Whole { get; init; }

    /// <summary>Its operations run on several threads at once: what calls cost cannot be taken off its time.</summary>
    public bool IsConcurrent { get; init; }

    /// <summary>What it cannot do without, however the rest is done.</summary>
    public LimitKind Limit { get; init; }

    /// <summary>At most so many operations per warm-up round, for what waits for the disk.</summary>
    public long WarmUpLimit { get; init; } = long.MaxValue;

    /// <summary>At most so many runs; 1 for what yields a size and not a time.</summary>
    public int MaxRuns { get; init; } = int.MaxValue;

    /// <summary>Whether every lookup must hit (true), must miss (false), or neither.</summary>
    public bool? Hits { get; init; }

    /// <summary>
    /// Differs from that of every other run of every workload: overwrites are changes, draws are new.
    /// </summary>
    public ulong RunNumber(int run) => Name.Aggregate(0UL, (hash, letter) => hash * 31 + letter) * 1000 + (ulong)run;
}
