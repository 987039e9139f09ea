using Engine.Bench.Data;

namespace Engine.Bench.Workloads;

/// <summary>Ordered reads of a filled tree.</summary>
internal static class Scans
{
    /// <summary>Entries that follow the one that was sought.</summary>
    private const int Following = 100;

    /// <summary>Entries that a seek reads.</summary>
    public const int EntriesPerSeek = Following + 1;

    // A scan has no slices: it always reads the whole tree.
    public static Outcome All(WorkloadRun run, bool reverse)
    {
        Digest digest = run.Database.Scan(reverse);
        return new Outcome(digest.Hits, digest);
    }

    public static Outcome Seeks(WorkloadRun run)
    {
        Digest digest = run.Database.SeekAndNext(run.Scale.StoredKeys(run.Number), run.Range, Following);
        return new Outcome(digest.Hits, digest);
    }
}
