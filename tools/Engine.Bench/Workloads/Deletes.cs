namespace Engine.Bench.Workloads;

/// <summary>Deleting entries of a filled tree, each once, at random.</summary>
internal static class Deletes
{
    public static Outcome Shuffled(WorkloadRun run, int perTransaction) =>
        new(run.Range.Count, run.Database.Delete(run.Scale.EveryKeyOnce(0), run.Range, perTransaction, run.Batches));
}
