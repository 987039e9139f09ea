using Engine.Bench.Data;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>Filling an empty tree.</summary>
internal static class Fills
{
    public static Outcome Append(WorkloadRun run, int perTransaction)
    {
        run.Database.Put(run.Scale.AppendKeys, run.Scale.Values(0), run.Range, run.Scale.PerTransaction(perTransaction), run.Batches);
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
        run.Database.Put(run.Scale.FillKeys, run.Scale.Values(0), run.Range, run.Scale.PerTransaction(perTransaction), run.Batches);
        return new Outcome(run.Range.Count, default);
    }

    /// <summary>
    /// Fills, deletes a random half and puts it again: what an engine makes of the room that was freed. Flushed every ten transactions, because an engine that keeps its last
    /// durable state until the next flush would otherwise be charged for a whole tree that no user keeps waiting for so long. Sizes are taken when all is on disk.
    /// </summary>
    public static Outcome Refill(WorkloadRun run, int perTransaction)
    {
        IPeerDatabase database = run.Database;
        Scale scale = run.Scale;
        KeyStream everyKey = scale.EveryKeyOnce(0);
        OperationRange half = new(0, scale.Entries / 2);
        int puts = scale.PerTransaction(perTransaction);
        Digest digest = default;
        InFlushedPieces(database, run.Range, puts, piece => database.Put(scale.FillKeys, scale.Values(0), piece, puts, run.Batches));
        PeerSizes filled = database.GetSizes();
        InFlushedPieces(database, half, perTransaction, piece =>
        {
            Digest deleted = database.Delete(everyKey, piece, perTransaction, run.Batches);
            digest.AddAnswers(deleted.Hits, deleted.Misses);
        });
        InFlushedPieces(database, half, puts, piece => database.Put(everyKey, scale.Values(run.Version), piece, puts, run.Batches));
        return new Outcome(run.Range.Count + 2 * half.Count, digest) { Halfway = filled };
    }

    private static void InFlushedPieces(IPeerDatabase database, OperationRange range, int perTransaction, Action<OperationRange> work)
    {
        const int Transactions = 10;
        long length = (long)Transactions * perTransaction;
        for (long start = range.Start; start < range.End; start += length)
        {
            work(new OperationRange(start, Math.Min(length, range.End - start)));
            database.Flush();
        }
    }
}
