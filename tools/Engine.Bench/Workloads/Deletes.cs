using System.Buffers.Binary;
using Engine.Bench.Data;

namespace Engine.Bench.Workloads;

/// <summary>Deleting entries of a filled tree, each once, at random.</summary>
internal static class Deletes
{
    public static Outcome Shuffled(WorkloadRun run, int perTransaction) =>
        new(run.Range.Count, run.Database.Delete(run.Scale.EveryKeyOnce(0), run.Range, perTransaction, run.Batches));

    /// <summary>
    /// A stretch of the key space; keys are spread evenly over it, so it holds about as many of them as there are
    /// operations.
    /// </summary>
    public static Outcome Range(WorkloadRun run)
    {
        Span<byte> from = stackalloc byte[sizeof(ulong)], to = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(from, Share(run.Range.Start, run.Scale.Entries));
        BinaryPrimitives.WriteUInt64BigEndian(to, Share(run.Range.End, run.Scale.Entries));
        Digest digest = default;
        long deleted = run.Database.DeleteRange(from, to, run.Batches);
        digest.AddCount(deleted);
        return new Outcome(run.Range.Count, digest);
    }

    private static ulong Share(long position, long entries) => (ulong)(position * (double)ulong.MaxValue / entries);
}
