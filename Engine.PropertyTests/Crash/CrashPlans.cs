using Engine.PropertyTests.Checking;
using Engine.Testing.Simulation;

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

        var singled = SingledOut(sectors, bounds);

        foreach (var fill in Fills)
        {
            if (sectors.Count > 1)
            {
                yield return new CrashPlan(SectorSelection.None, Fill: fill, Seed: 1);
            }

            foreach (var (lost, _) in singled)
            {
                yield return new CrashPlan(
                    SectorSelection.AllBut(lost), Fill: fill, FillSector: lost, Seed: (ulong)lost);
            }
        }

        foreach (var torn in singled)
        {
            foreach (var words in TearWords(torn, bounds))
            {
                yield return new CrashPlan(SectorSelection.All, torn.Number, words);
                yield return new CrashPlan(SectorSelection.Prefix(torn.Number + 1), torn.Number, words);
            }
        }
    }

    /// <summary>The sectors to which something happens that happens to no other.</summary>
    private static List<PendingSector> SingledOut(List<PendingSector> sectors, CrashBounds bounds) =>
        bounds.EveryTailSector
            ? sectors
            : [.. sectors.Where(static sector => !IsMetaTail(sector) || IsFirstOfTail(sector))];

    private static IReadOnlyList<int> TearWords(PendingSector torn, CrashBounds bounds) =>
        IsMetaTail(torn) ? bounds.MetaTailTearWords : IsMeta(torn) ? bounds.MetaTearWords : bounds.TearWords;

    /// <summary>
    /// Which sectors of a meta beyond its first are the same to recovery: they have fields and a mask that say only
    /// whether they belong to the first one, and the checksum is over all of them.
    /// </summary>
    private static bool IsMetaTail(PendingSector sector) =>
        IsMeta(sector) && sector.Offset % ImageLayout.BlockSize >= SimulatedDisk.SectorSize;

    private static bool IsFirstOfTail(PendingSector sector) =>
        sector.Offset % ImageLayout.BlockSize == SimulatedDisk.SectorSize;

    private static bool IsMeta(PendingSector sector) => sector.Offset / ImageLayout.BlockSize is 1 or 2;

    private static IEnumerable<SectorSelection> Selections(List<PendingSector> sectors, CrashBounds bounds)
    {
        if (sectors.Count == 0 || sectors[^1].Number < MaskBits)
        {
            var parts = Parts(sectors);
            if (parts.Count <= bounds.AllSubsets)
            {
                for (var subset = 0UL; subset < 1UL << parts.Count; subset++)
                {
                    var mask = 0UL;
                    for (var i = 0; i < parts.Count; i++)
                    {
                        mask |= (subset >> i & 1) * parts[i];
                    }

                    yield return SectorSelection.Mask(mask);
                }

                // The parts that are more than one sector come apart, too.
                foreach (var selection in OneByOne([.. SingledOut(sectors, bounds).Where(IsMetaTail)], pairs: false))
                {
                    yield return selection;
                }

                yield break;
            }
        }

        yield return SectorSelection.None;
        foreach (var selection in OneByOne(SingledOut(sectors, bounds), bounds.Pairs))
        {
            yield return selection;
        }
    }

    /// <summary>
    /// What arrives or not in every combination, as masks of sectors: each alone, but those of a meta's tail together.
    /// </summary>
    private static List<ulong> Parts(List<PendingSector> sectors)
    {
        var parts = new List<ulong>();
        var tails = new Dictionary<int, int>();
        foreach (var sector in sectors)
        {
            var mask = 1UL << sector.Number;
            if (IsMetaTail(sector) && !tails.TryAdd(sector.Offset / ImageLayout.BlockSize, parts.Count))
            {
                parts[tails[sector.Offset / ImageLayout.BlockSize]] |= mask;
            }
            else
            {
                parts.Add(mask);
            }
        }

        return parts;
    }

    private static IEnumerable<SectorSelection> OneByOne(List<PendingSector> sectors, bool pairs)
    {
        for (var i = 0; i < sectors.Count; i++)
        {
            var sector = sectors[i].Number;
            yield return SectorSelection.Prefix(sector + 1);
            yield return SectorSelection.AllBut(sector);
            yield return SectorSelection.Only(sector);
            for (var j = i + 1; j < sectors.Count && pairs; j++)
            {
                yield return SectorSelection.AllBut(sector, sectors[j].Number);
                yield return SectorSelection.Only(sector, sectors[j].Number);
            }
        }
    }
}
