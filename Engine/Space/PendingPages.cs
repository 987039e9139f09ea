namespace Engine.Space;

/// <summary>
/// Decides when a freed page may be used again. A page with birth B that became unreachable in transaction F belongs to
/// the snapshots B … F − 1 and is reusable if and only if no pin lies in [B, F). It waits in the bucket of the newest
/// pin below F; when that pin goes, the next older one decides: pages born after it are reusable, the rest waits there.
/// </summary>
internal sealed class PendingPages
{
    private readonly FreeMap _free;

    public PendingPages(FreeMap free)
    {
        _free = free;
    }

    /// <summary>The pages that wait no more.</summary>
    public FreeMap Free => _free;

    public PinSet Pins { get; } = new();

    /// <summary>Pages that wait.</summary>
    public ulong PageCount { get; private set; }

    /// <summary>Entries that wait, in all buckets.</summary>
    public int EntryCount { get; private set; }

    /// <summary>Entries in buckets of released pins, which are still to be looked at.</summary>
    public int Backlog { get; private set; }

    /// <summary>Takes pages that became unreachable: into the free map or into a bucket.</summary>
    /// <param name="pages">The pages, neither free nor pending.</param>
    /// <param name="birth">The transaction that wrote them.</param>
    /// <param name="freedIn">The transaction that no longer reaches them.</param>
    public void Add(Extent pages, ulong birth, ulong freedIn) => Add(pages, birth, Pins.FindBelow(freedIn));

    /// <summary>Takes what a transaction freed.</summary>
    public void Add(ReadOnlySpan<PendingExtent> entries, ulong freedIn)
    {
        var pin = Pins.FindBelow(freedIn);
        foreach (var (pages, birth) in entries)
        {
            Add(pages, birth, pin);
        }
    }

    /// <summary>
    /// Releases the pins that are not held any more and drains at most <paramref name="budget"/> entries.
    /// </summary>
    /// <param name="held">The ids that are held now.</param>
    /// <param name="always">One more id that is held.</param>
    /// <param name="budget">How many entries are looked at.</param>
    /// <param name="durable">Names that were taken away by then hold nothing any more.</param>
    public void ReleaseExcept(
        ReadOnlySpan<ulong> held, ulong always, int budget, ulong durable = ulong.MaxValue)
    {
        Pins.ReleaseExcept(held, always, durable);
        Backlog = 0;
        foreach (var pin in Pins.Released)
        {
            Backlog += pin.Count;
        }

        Drain(budget);
    }

    /// <summary>
    /// Looks at entries of released pins, at most <paramref name="budget"/> of them. What is left keeps its exact
    /// meaning.
    /// </summary>
    public void Drain(int budget)
    {
        while (budget > 0 && Backlog > 0 && Pins.TryGetReleased(out var released, out var older))
        {
            if (older is not null)
            {
                var before = released.Count;
                released.ExchangeIfLarger(older);
                Backlog += released.Count - before;
            }

            var steps = Math.Min(budget, released.Count);
            for (var i = 0; i < steps; i++)
            {
                var entry = released.RemoveLast();
                if (older is not null && entry.Birth <= older.Id)
                {
                    older.Add(entry);
                    continue;
                }

                PageCount -= entry.Pages.Length;
                EntryCount--;
                _free.Add(entry.Pages);
            }

            budget -= steps;
            Backlog -= steps;
            if (released.Count == 0)
            {
                Pins.Remove(released);
            }
        }
    }

    private void Add(Extent pages, ulong birth, Pin? pin)
    {
        if (pin is null || birth > pin.Id)
        {
            _free.Add(pages);
            return;
        }

        pin.Add(new PendingExtent(pages, birth));
        PageCount += pages.Length;
        EntryCount++;
    }
}
