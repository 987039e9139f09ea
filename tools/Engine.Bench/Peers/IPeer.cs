using Engine.Bench.Workloads;

namespace Engine.Bench.Peers;

/// <summary>A storage engine that takes part in a comparison.</summary>
internal interface IPeer
{
    /// <summary>What <c>--peers</c> calls it.</summary>
    string Name { get; }

    /// <summary>Name and version, for the report.</summary>
    string Description { get; }

    /// <summary>How it was configured, for the report.</summary>
    string Settings { get; }

    /// <summary>Why it cannot run here and what to do about it; null when it can.</summary>
    string? Unavailable { get; }

    /// <summary>What its calls into native code cost; null for managed engines.</summary>
    CallCost? MeasureCallCost();

    /// <summary>
    /// Why it cannot do a workload with the same answers and the same promise as the others; null when it can. It then
    /// takes no part, rather than do less.
    /// </summary>
    string? Lacks(Workload workload) => null;

    /// <summary>Opens or creates the database in an existing directory of its own.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="memoryLimit">
    /// What the process may have in memory, less than the data: who maps the file then asks the system to read single
    /// pages, and who has a cache makes it smaller. Null without a limit.
    /// </param>
    IPeerDatabase Open(string directory, long? memoryLimit);
}
