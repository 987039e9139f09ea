using Engine.Pages;

namespace Engine.Space;

/// <summary>What pins cost: read from the space log of a state, whoever writes meanwhile.</summary>
internal static class PinUsage
{
    /// <summary>The pages that each pin alone keeps from being reused; pins without any are left out.</summary>
    /// <param name="meta">The state's meta.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="source">Gives the pages of the log.</param>
    /// <param name="held">The ids that readers hold, in any order.</param>
    public static Dictionary<ulong, ulong> CountAlone(
        Meta meta, int pageSize, LogPageSource source, ReadOnlySpan<ulong> held)
    {
        var pending = new PendingPages(new FreeMap());
        LogReplay.Run(
            meta, pageSize, source, pending.Free, pending, held, SpaceTuning.Default.DirectReplayWork);
        var alone = new Dictionary<ulong, ulong>();
        ulong older = 0;
        foreach (var pin in pending.Pins.Pins)
        {
            // It is the newest pin below the transactions that freed these pages.
            foreach (var entry in pin.Entries)
            {
                if (entry.Birth > older)
                {
                    alone[pin.Id] = alone.GetValueOrDefault(pin.Id) + entry.Pages.Length;
                }
            }

            older = pin.Id;
        }

        return alone;
    }

    /// <summary>What each held state keeps, of the pins of an open writer, some of which may be held no more.</summary>
    /// <param name="pins">The pins.</param>
    /// <param name="held">The ids that are held, in any order, but for those that names hold.</param>
    public static Dictionary<ulong, PinPages> Count(PinSet pins, ReadOnlySpan<ulong> held)
    {
        var ids = new SortedSet<ulong>(held.ToArray());
        foreach (var pin in pins.Pins)
        {
            if (pin.IsNamed)
            {
                ids.Add(pin.Id);
            }
        }

        ulong[] sorted = [.. ids];

        // By how much each state keeps more pages than the one before it.
        var steps = new long[sorted.Length + 1];
        var alone = new long[sorted.Length];
        foreach (var pin in pins.Pins)
        {
            var last = IndexAbove(sorted, pin.Id) - 1;
            foreach (var entry in pin.Entries)
            {
                // It is of the states from its birth to the newest one of its bucket.
                var first = IndexAbove(sorted, entry.Birth - 1);
                if (first > last)
                {
                    continue;
                }

                steps[first] += (long)entry.Pages.Length;
                steps[last + 1] -= (long)entry.Pages.Length;
                alone[last] += first == last ? (long)entry.Pages.Length : 0;
            }
        }

        var usage = new Dictionary<ulong, PinPages>(sorted.Length);
        var pages = 0L;
        for (var i = 0; i < sorted.Length; i++)
        {
            pages += steps[i];
            usage[sorted[i]] = new PinPages(pages, alone[i]);
        }

        return usage;
    }

    private static int IndexAbove(ulong[] sorted, ulong id)
    {
        var index = Array.BinarySearch(sorted, id);
        return index >= 0 ? index + 1 : ~index;
    }
}
