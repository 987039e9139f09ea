using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>What a space manager holds, in lists and numbers.</summary>
internal static class SpaceContents
{
    /// <summary>The runs of reusable pages, ascending, those of the branch zone included.</summary>
    public static List<Extent> ListReusable(this SpaceManager space)
    {
        var runs = new List<Extent>();
        var rest = new Extent(0, space.PageCount);
        while (space.Parts.Free.TryFindAny(rest, out var run))
        {
            runs.Add(run);
            rest = new Extent(run.End, rest.End - run.End);
        }

        return runs;
    }

    /// <summary>What waits for pins, in no order.</summary>
    public static List<PendingExtent> ListPending(this SpaceManager space)
    {
        var entries = new List<PendingExtent>();
        foreach (var pin in space.Parts.Pending.Pins.Pins)
        {
            entries.AddRange(pin.Entries);
        }

        return entries;
    }

    /// <summary>Pages of the branch zone, in use or not.</summary>
    public static ulong CountZonePages(this SpaceManager space) => space.Parts.Zone.Capacity;

    /// <summary>Pages of the branch zone that are free.</summary>
    public static ulong CountReusableZonePages(this SpaceManager space) => space.Parts.Free.ReservedCount;
}
