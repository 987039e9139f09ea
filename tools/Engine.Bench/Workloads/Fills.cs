namespace Engine.Bench.Workloads;

/// <summary>Filling an empty tree.</summary>
internal static class Fills
{
    public static Outcome Append(WorkloadRun run, int perTransaction)
    {
        run.Database.Put(run.Scale.AppendKeys, run.Scale.Values(0), run.Range, perTransaction, run.Batches);
        return new Outcome(run.Range.Count, default);
    }

    public static Outcome Load(WorkloadRun run)
    {
        run.Database.Load(run.Scale.AppendKeys, run.Scale.Values(0), run.Range, run.Batches);
        return new Outcome(run.Range.Count, default);
    }

    public static Outcome Random(WorkloadRun run, int perTransaction)
    {
        run.Database.Put(run.Scale.FillKeys, run.Scale.Values(0), run.Range, perTransaction, run.Batches);
        return new Outcome(run.Range.Count, default);
    }
}
