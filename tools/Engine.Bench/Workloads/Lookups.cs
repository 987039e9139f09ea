namespace Engine.Bench.Workloads;

/// <summary>Point reads of a filled tree.</summary>
internal static class Lookups
{
    public static Outcome Stored(WorkloadRun run) =>
        new(run.Range.Count, run.Database.Get(run.Scale.StoredKeys(run.Number), run.Range));

    public static Outcome StoredAtOnce(WorkloadRun run) =>
        new(run.Range.Count, run.Database.GetMany(run.Scale.StoredKeys(run.Number), run.Range));

    public static Outcome StoredInOwnTransactions(WorkloadRun run) =>
        new(run.Range.Count, run.Database.GetInOwnTransactions(run.Scale.StoredKeys(run.Number), run.Range));

    public static Outcome Absent(WorkloadRun run) =>
        new(run.Range.Count, run.Database.Get(run.Scale.AbsentKeys(run.Number), run.Range));
}
