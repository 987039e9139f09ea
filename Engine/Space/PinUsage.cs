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
}
