using Engine.Bench.Data;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>One execution of a workload on one database.</summary>
/// <param name="Database">The database, prepared as the workload needs it.</param>
/// <param name="Scale">Sizes and keys.</param>
/// <param name="Range">The operations to do: all of them when timed, a slice while warming up.</param>
/// <param name="Number">Counts the runs: decides draws and versions, the same for every peer.</param>
/// <param name="Batches">The commit of workloads that neither say "durable" nor "no flush".</param>
/// <param name="Readers">Reader threads of the mixed workloads.</param>
internal sealed record WorkloadRun(
    IPeerDatabase Database, Scale Scale, OperationRange Range, ulong Number, CommitKind Batches, int Readers)
{
    /// <summary>A version no other run has, so that every overwrite is a change.</summary>
    public ulong Version => Number + 1;
}
