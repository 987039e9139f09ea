using Engine.Bench.Data;

namespace Engine.Bench.Workloads;

/// <summary>Ordered reads of a filled tree.</summary>
internal static class Scans
{
    // A scan has no slices: it always reads the whole tree.
    public static Outcome All(WorkloadRun run, bool reverse)
    {
        Digest digest = run.Database.Scan(reverse);
        return new Outcome(digest.Hits, digest);
    }

    public static Outcome Seeks(WorkloadRun run, int following)
    {
        Digest digest = run.Database.SeekAndNext(run.Scale.StoredKeys(run.Number), run.Range, following);
        return new Outcome(digest.Hits, digest);
    }
}
