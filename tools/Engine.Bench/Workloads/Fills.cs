using Engine.Bench.Data;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>Filling an empty tree.</summary>
internal static class Fills
{
    public static Outcome Append(WorkloadRun run, int perTransaction)
    {
        run.Database.Put(
            run.Scale.AppendKeys,
            run.Scale.Values(0),
            run.Range,
            run.Scale.PerTransaction(perTransaction),
            run.Batches);
        return new Outcome(run.Range.Count, default);
    }

    public static Outcome Load(WorkloadRun run)
    {
        for (long start = run.Range.Start; start < run.Range.End; start += run.Scale.PerLoad)
        {
            OperationRange piece = new(start, Math.Min(run.Scale.PerLoad, run.Range.End - start));
            run.Database.Load(run.Scale.AppendKeys, run.Scale.Values(0), piece, run.Batches);
        }

        return new Outcome(run.Range.Count, default);
    }

    public static Outcome Random(WorkloadRun run, int perTransaction)
    {
        run.Database.Put(
            run.Scale.FillKeys, run.Scale.Values(0), run.Range, run.Scale.PerTransaction(perTransaction), run.Batches);
        return new Outcome(run.Range.Count, default);
    }

    /// <summary>
    /// Fills, deletes a random half and puts it again: what an engine makes of the room that was freed. Commits are
    /// durable: without flush one engine would keep its last durable state beside the newest one and another would keep
    /// none, and the sizes would tell nothing else. They are taken when all is on disk.
    /// </summary>
    public static Outcome Refill(WorkloadRun run, int perTransaction)
    {
        IPeerDatabase database = run.Database;
        Scale scale = run.Scale;
        KeyStream everyKey = scale.EveryKeyOnce(0);
        OperationRange half = new(0, scale.Entries / 2);
        int puts = scale.PerTransaction(perTransaction);
        database.Put(scale.FillKeys, scale.Values(0), run.Range, puts, CommitKind.Durable);
        database.Flush();
        PeerSizes filled = database.GetSizes();
        Digest digest = database.Delete(everyKey, half, perTransaction, CommitKind.Durable);
        database.Put(everyKey, scale.Values(run.Version), half, puts, CommitKind.Durable);
        database.Flush();
        return new Outcome(run.Range.Count + 2 * half.Count, digest) { Halfway = filled };
    }
}
