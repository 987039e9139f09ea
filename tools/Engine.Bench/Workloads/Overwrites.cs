using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>Replacing values of a filled tree by others of the same length, at random.</summary>
internal static class Overwrites
{
    public static Outcome InBatches(WorkloadRun run, int perTransaction, CommitKind commit)
    {
        run.Database.Put(
            run.Scale.StoredKeys(run.Number),
            run.Scale.Values(run.Version),
            run.Range,
            run.Scale.PerTransaction(perTransaction),
            commit);
        return new Outcome(run.Range.Count, default);
    }
}
