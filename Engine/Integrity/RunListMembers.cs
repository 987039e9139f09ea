namespace Engine.Integrity;

/// <summary>
/// Compares the run list of a verified meta with what is reachable: it names exactly the reachable pages that were born
/// in its commit.
/// </summary>
internal sealed class RunListMembers(MetaSlot meta, IReadOnlyList<(ulong First, ulong Pages)> runs)
{
    private readonly (ulong First, ulong Pages)[] _runs = [.. runs];

    /// <summary>
    /// Called for every page, or overflow run, that is reached: one that is born in the commit must be listed.
    /// </summary>
    public void CheckReached(CheckSession session, IPlace place, ulong first, ulong pages, ulong birth)
    {
        if (birth != meta.Id)
            return;
        var at = Array.BinarySearch(_runs, (first, ulong.MaxValue));
        if (~at > 0 && _runs[~at - 1] is var run
            && first - run.First < run.Pages && pages <= run.Pages - (first - run.First))
        {
            return;
        }

        session.Problems.Add(
            IntegrityRules.RunListMissing,
            place,
            first,
            $"the run list to name pages born in {meta.Id}",
            "no run with it",
            pages);
    }

    /// <summary>Called at the end: a listed page must have been reached.</summary>
    public void CheckAllReached(CheckSession session)
    {
        foreach (var (first, pages) in _runs)
        {
            if (!session.Geometry.Contains(first, pages))
                continue;
            var end = first + pages;
            for (var page = session.Used.Next(first, end, value: false); page < end;)
            {
                var next = session.Used.Next(page, end, value: true);
                session.Problems.Add(
                    IntegrityRules.RunListExtra, meta, page, "only reachable pages in the run list",
                    "a page that nothing reaches", next - page);
                page = session.Used.Next(next, end, value: false);
            }
        }
    }
}
