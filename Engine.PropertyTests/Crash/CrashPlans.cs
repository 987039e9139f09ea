using Engine.PropertyTests.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>Enumerates what a power cut can make of the pending operations of a disk, within bounds.</summary>
internal static class CrashPlans
{
    private static readonly CrashFill[] Fills = [CrashFill.Zero, CrashFill.Garbage, CrashFill.Stale];

    public static IEnumerable<CrashPlan> Of(DiskState state, CrashBounds bounds)
    {
        foreach (var plan in OfSectors(state.PendingSectors, bounds))
        {
            for (var length = 0; length < state.PendingLengths; length++)
            {
                for (var directory = 0; directory < state.PendingDirectories; directory++)
                {
                    yield return plan with { Length = length, Directory = directory };
                }
            }
        }
    }

    private static IEnumerable<CrashPlan> OfSectors(int sectors, CrashBounds bounds)
    {
        foreach (var selection in Selections(sectors, bounds))
        {
            yield return new CrashPlan(selection);
        }

        foreach (var fill in Fills)
        {
            if (sectors > 1)
            {
                yield return new CrashPlan(SectorSelection.None, Fill: fill, Seed: 1);
            }

            for (var lost = 0; lost < sectors; lost++)
            {
                yield return new CrashPlan(SectorSelection.AllBut(lost), Fill: fill, FillSector: lost, Seed: (ulong)lost);
            }
        }

        for (var torn = 0; torn < sectors; torn++)
        {
            foreach (var words in bounds.TearWords)
            {
                yield return new CrashPlan(SectorSelection.All, torn, words);
                yield return new CrashPlan(SectorSelection.Prefix(torn + 1), torn, words);
            }
        }
    }

    private static IEnumerable<SectorSelection> Selections(int sectors, CrashBounds bounds)
    {
        if (sectors <= bounds.AllSubsets)
        {
            for (var mask = 0UL; mask < 1UL << sectors; mask++)
            {
                yield return SectorSelection.Mask(mask);
            }

            yield break;
        }

        for (var i = 0; i <= sectors; i++)
        {
            yield return SectorSelection.Prefix(i);
        }

        for (var i = 0; i < sectors; i++)
        {
            yield return SectorSelection.AllBut(i);
            yield return SectorSelection.Only(i);
            for (var j = i + 1; j < sectors && bounds.Pairs; j++)
            {
                yield return SectorSelection.AllBut(i, j);
                yield return SectorSelection.Only(i, j);
            }
        }
    }
}
