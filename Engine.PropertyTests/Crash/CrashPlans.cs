using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>Enumerates what a power cut can make of the pending operations of a disk, within bounds.</summary>
internal static class CrashPlans
{
    private const int MaskBits = 64;

    private static readonly CrashFill[] Fills = [CrashFill.Zero, CrashFill.Garbage, CrashFill.Stale];

    public static IEnumerable<CrashPlan> Of(DiskState state, CrashBounds bounds)
    {
        foreach (var plan in OfSectors(state.FindChanges(), bounds))
        {
            for (var length = 0; length < state.PendingLengths; length++)
            {
                for (var directory = 0; directory < state.PendingDirectories; directory++)
                {
                    yield return plan with { Length = length, Directory = directory, Lock = (int)LockFate.Current };
                    if (!state.CurrentLock.SaysTheSame(state.DurableLock))
                    {
                        yield return plan with { Length = length, Directory = directory, Lock = (int)LockFate.Durable };
                    }
                }
            }
        }
    }

    // Sectors that change nothing are left out: whether they arrive makes no difference.
    private static IEnumerable<CrashPlan> OfSectors(List<PendingSector> sectors, CrashBounds bounds)
    {
        foreach (var selection in Selections(sectors, bounds))
        {
            yield return new CrashPlan(selection);
        }

        foreach (var fill in Fills)
        {
            if (sectors.Count > 1)
            {
                yield return new CrashPlan(SectorSelection.None, Fill: fill, Seed: 1);
            }

            foreach (var (lost, _) in sectors)
            {
                yield return new CrashPlan(
                    SectorSelection.AllBut(lost), Fill: fill, FillSector: lost, Seed: (ulong)lost);
            }
        }

        foreach (var torn in sectors)
        {
            foreach (var words in IsMeta(torn) ? bounds.MetaTearWords : bounds.TearWords)
            {
                yield return new CrashPlan(SectorSelection.All, torn.Number, words);
                yield return new CrashPlan(SectorSelection.Prefix(torn.Number + 1), torn.Number, words);
            }
        }
    }

    private static bool IsMeta(PendingSector sector) => sector.Offset / ImageLayout.BlockSize is 1 or 2;

    private static IEnumerable<SectorSelection> Selections(List<PendingSector> sectors, CrashBounds bounds)
    {
        if (sectors.Count <= bounds.AllSubsets && (sectors.Count == 0 || sectors[^1].Number < MaskBits))
        {
            for (var subset = 0UL; subset < 1UL << sectors.Count; subset++)
            {
                var mask = 0UL;
                for (var i = 0; i < sectors.Count; i++)
                {
                    mask |= (subset >> i & 1) << sectors[i].Number;
                }

                yield return SectorSelection.Mask(mask);
            }

            yield break;
        }

        yield return SectorSelection.None;
        for (var i = 0; i < sectors.Count; i++)
        {
            var sector = sectors[i].Number;
            yield return SectorSelection.Prefix(sector + 1);
            yield return SectorSelection.AllBut(sector);
            yield return SectorSelection.Only(sector);
            for (var j = i + 1; j < sectors.Count && bounds.Pairs; j++)
            {
                yield return SectorSelection.AllBut(sector, sectors[j].Number);
                yield return SectorSelection.Only(sector, sectors[j].Number);
            }
        }
    }
}
