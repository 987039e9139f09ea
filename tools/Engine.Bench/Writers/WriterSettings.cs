using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers;

/// <summary>What to compare.</summary>
/// <param name="Peers">The first one is the one the others are compared with.</param>
/// <param name="Workloads">In the order to run.</param>
/// <param name="Clients">How many at the same time; a cell per number.</param>
/// <param name="Entries">Players, or keys to put to.</param>
/// <param name="Seed">Decides which ones are updated.</param>
/// <param name="Runs">Measured runs of each cell.</param>
/// <param name="WarmUp">How long clients work before anything counts.</param>
/// <param name="Time">How long it is measured.</param>
/// <param name="Directory">An existing directory for the databases.</param>
/// <param name="Rankers">Threads that ask for ranks on the leaderboard meanwhile, of peers that know ranks.</param>
/// <param name="RankRate">How many ranks they ask for in a second, together; 0: as many as they can.</param>
internal sealed record WriterSettings(
    IReadOnlyList<IWriterPeer> Peers,
    IReadOnlyList<WriterWorkload> Workloads,
    IReadOnlyList<int> Clients,
    long Entries,
    ulong Seed,
    int Runs,
    TimeSpan WarmUp,
    TimeSpan Time,
    string Directory,
    int Rankers = 0,
    double RankRate = 0)
{
    public WriterData DataOf(WriterWorkload workload) =>
        new(workload, Entries, Seed, IsRanked: Rankers > 0 && workload == WriterWorkload.Leaderboard);
}
