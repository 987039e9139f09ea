using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>
/// What a power cut may leave of the writes since the last flush, within bounds: what matters to a program above the
/// engine is which writes arrived, and whether one of them is torn.
/// </summary>
internal static class LossPlans
{
    // Up to so many writes every subset is tried.
    private const int AllSubsets = 4;
    private const int MaskBits = 64;
    private const int RandomSubsets = 4;

    private static readonly CrashFill[] Fills = [CrashFill.Zero, CrashFill.Garbage, CrashFill.Stale];

    /// <summary>All of them. Many give the same image.</summary>
    public static IEnumerable<CrashPlan> Of(DiskState state)
    {
        yield return CrashPlan.Nothing;
        yield return CrashPlan.Everything;
        yield return CrashPlan.Everything with { Lock = (int)LockFate.Durable };
        yield return CrashPlan.Everything with { Lock = (int)LockFate.Gone };
        var writes = state.FindWrites();
        if (writes.Count == 0)
        {
            yield break;
        }

        yield return new CrashPlan(SectorSelection.None);
        foreach (var keep in Selections(writes))
        {
            yield return new CrashPlan(keep);
        }

        for (var length = 1; length < state.PendingLengths; length++)
        {
            yield return CrashPlan.Everything with { Length = length };
        }

        foreach (var fill in Fills)
        {
            yield return new CrashPlan(SectorSelection.None, Fill: fill, Seed: 1);
        }

        foreach (var write in writes)
        {
            // In the middle of its first sector, with everything else there, and with nothing that came later.
            yield return new CrashPlan(SectorSelection.All, write.FirstSector, TearWords: 32);
            yield return new CrashPlan(SectorSelection.Prefix(write.FirstSector + 1), write.FirstSector, TearWords: 32);
        }
    }

    private static IEnumerable<SectorSelection> Selections(List<PendingWrite> writes)
    {
        foreach (var write in writes)
        {
            yield return SectorSelection.Prefix(write.FirstSector + write.Sectors);
            yield return SectorSelection.Prefix(write.FirstSector + (write.Sectors / 2));
            yield return SectorSelection.AllBut(write.FirstSector);
            yield return SectorSelection.AllBut(write.FirstSector + write.Sectors - 1);
        }

        var last = writes[^1];
        if (last.FirstSector + last.Sectors <= MaskBits)
        {
            foreach (var mask in Subsets(writes))
            {
                yield return SectorSelection.Mask(mask);
            }
        }

        for (var seed = 1UL; seed <= RandomSubsets; seed++)
        {
            yield return SectorSelection.Random(seed);
        }
    }

    // Beyond a handful of writes: each alone, and each one missing.
    private static IEnumerable<ulong> Subsets(List<PendingWrite> writes)
    {
        var masks = writes.ConvertAll(
            static write => (ulong.MaxValue >> (MaskBits - write.Sectors)) << write.FirstSector);
        if (masks.Count > AllSubsets)
        {
            foreach (var mask in masks)
            {
                yield return mask;
                yield return ~mask;
            }

            yield break;
        }

        for (var subset = 0; subset < 1 << masks.Count; subset++)
        {
            var kept = 0UL;
            for (var i = 0; i < masks.Count; i++)
            {
                kept |= (subset >> i & 1) != 0 ? masks[i] : 0;
            }

            yield return kept;
        }
    }
}
