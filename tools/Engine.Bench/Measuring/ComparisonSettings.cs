using Engine.Bench.ControlGroups;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>What to compare.</summary>
/// <param name="Scale">Entries and seed.</param>
/// <param name="Runs">Timed runs of each workload on each peer.</param>
/// <param name="Workloads">In the order to run.</param>
/// <param name="Directory">An existing directory for the databases.</param>
/// <param name="Batches">How fills, deletes and large overwrites commit.</param>
/// <param name="Readers">Reader threads of the mixed workloads.</param>
/// <param name="WarmUp">Whether to bring the code to its last JIT tier first.</param>
/// <param name="Limits">Whether to measure the unavoidable work beside each workload.</param>
/// <param name="Memory">The group that limits this process's memory; null without a limit.</param>
internal sealed record ComparisonSettings(
    Scale Scale,
    int Runs,
    IReadOnlyList<Workload> Workloads,
    string Directory,
    CommitKind Batches,
    int Readers,
    bool WarmUp,
    bool Limits,
    MemoryGroup? Memory);
