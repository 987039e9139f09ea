namespace Engine.Integrity;

/// <summary>
/// The pages of one named snapshot while its trees are walked. Those that the newest state, or a snapshot that was
/// walked before, reaches are not walked again. All others are free by the space log, and wait for the snapshot.
/// </summary>
/// <param name="session">The check.</param>
/// <param name="name">The name that speaks for all of the state.</param>
/// <param name="id">The state.</param>
/// <param name="known">The pages of the snapshots that were walked before; gets those of this one.</param>
internal sealed class SnapshotPages(CheckSession session, byte[] name, ulong id, PageSet known)
{
    /// <summary>The pages that this snapshot was seen to reach, so that it does not do so twice.</summary>
    private readonly PageSet _reached = new(session.Geometry.PageCount);

    /// <summary>Whether the pages are those of another state.</summary>
    public bool IsKnown(ulong first, ulong pages) =>
        session.Geometry.Contains(first, pages)
        && !_reached.Contains(first) && (session.Used.Contains(first) || known.Contains(first));

    /// <summary>Takes pages; false, and a problem, if it reaches them twice.</summary>
    public bool Claim(IPlace place, ulong first, ulong pages)
    {
        var isKnown = IsKnown(first, pages);
        if (_reached.Add(first, pages) is not PageSet.None and var taken)
        {
            session.ReportSecondUse(place, taken, 1, first, pages);
            return false;
        }

        if (isKnown)
            return true;
        var end = first + pages;
        var used = Math.Min(session.Used.Next(first, end, value: true), known.Next(first, end, value: true));
        if (used != end)
        {
            session.ReportSecondUse(place, used, 1, first, pages);
            return false;
        }

        known.Add(first, pages);
        session.SnapshotPages += pages;

        // Found out before the pages are read: what was reused is not what it was either.
        return CheckHeld(place, first, pages, id);
    }

    /// <summary>A page that was read waits for all snapshots from its birth on.</summary>
    public void CheckReached(IPlace place, ulong first, ulong pages, ulong birth) =>
        CheckHeld(place, first, pages, birth);

    public override string ToString() => "snapshot " + Words.Of(name);

    private bool CheckHeld(IPlace place, ulong first, ulong pages, ulong birth)
    {
        if (!session.FreeIsKnown || session.Held!.FindLoose(first, pages, id, birth) is PageSet.None)
            return true;
        var page = session.Held.FindLoose(first, pages, id, birth);
        session.Problems.Add(
            IntegrityRules.SnapshotPage, place, page,
            $"a page of snapshot {id} to be free in the space log, of birth {Math.Min(id, birth)} or before, and "
            + $"freed after {id}",
            session.Free.Contains(page) ? "one that can be reused" : "one that nothing knows");
        return false;
    }
}
