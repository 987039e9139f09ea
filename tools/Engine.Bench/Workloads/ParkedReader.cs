using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>
/// Overwrites a small tree ten times over while one reader stays open. An engine that frees pages only below its oldest
/// reader grows with every commit; one that frees precisely needs room for two trees.
/// </summary>
internal static class ParkedReader
{
    public static Outcome Overwrite(WorkloadRun run, int perTransaction)
    {
        Scale scale = run.Scale.Small;
        IPeerDatabase database = run.Database;
        PeerSizes atStart = database.GetSizes();
        using IDisposable reader = database.Park();
        database.Put(
            scale.StoredKeys(run.Number),
            scale.Values(run.Version),
            run.Range,
            scale.PerTransaction(perTransaction),
            CommitKind.NoFlush);
        return new Outcome(run.Range.Count, default) { Sizes = new ParkedSizes(atStart, database.GetSizes()) };
    }
}
