namespace Engine.Bench.Workloads;

/// <summary>What a workload finds when it starts.</summary>
internal enum TreeNeed
{
    /// <summary>A new, empty database.</summary>
    Empty,

    /// <summary>All entries, put in random order (values may have been overwritten since).</summary>
    Filled,

    /// <summary>A new database with the entries of <see cref="Scale.Small"/>.</summary>
    FilledSmall,
}
