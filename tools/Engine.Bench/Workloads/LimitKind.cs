namespace Engine.Bench.Workloads;

/// <summary>The unavoidable work of a workload.</summary>
internal enum LimitKind
{
    /// <summary>Nothing that a loop of its own could stand for.</summary>
    None,

    /// <summary>A cache miss per level of the tree, each waiting for the one before.</summary>
    Lookups,

    /// <summary>The same, but lookups do not wait for one another.</summary>
    IndependentLookups,

    /// <summary>Reading every byte of the tree.</summary>
    Scan,

    /// <summary>A lookup, and reading the bytes of the entries that follow.</summary>
    Seeks,

    /// <summary>The system calls that write the same pages, with the same flushes.</summary>
    Writes,
}
