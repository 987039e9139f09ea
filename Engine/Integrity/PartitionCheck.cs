namespace Engine.Integrity;

/// <summary>
/// Every page is exactly one of: reachable, in the log chain, free (section 9); of those that a fork borrows, at most
/// one. Goes through the pages extent by extent.
/// </summary>
internal static class PartitionCheck
{
    public static void Run(CheckSession session, ulong borrowed = 0)
    {
        var (used, free, end) = (session.Used, session.Free, session.Geometry.PageCount);
        var first = session.Geometry.FirstPage;

        // Where membership changes next is searched for only once it is reached: the sets are gone through once each.
        var (isUsed, usedChange) = (false, first);
        var (isFree, freeChange) = (false, first);
        for (var page = first; page < end;)
        {
            if (page == usedChange)
            {
                isUsed = used.Contains(page);
                usedChange = used.Next(page, end, !isUsed);
            }

            if (page == freeChange)
            {
                isFree = free.Contains(page);
                freeChange = free.Next(page, end, !isFree);
            }

            var next = Math.Min(usedChange, freeChange);
            var pages = next - page;
            if (isFree)
                session.FreePages += pages;
            if (session.FreeIsKnown && isUsed && isFree)
            {
                session.Problems.Add(
                    IntegrityRules.PageUsedAndFree,
                    FixedPlace.SpaceLog,
                    page,
                    "pages in use not to be free",
                    "both",
                    pages);
            }

            if (!isUsed && !isFree && next > borrowed)
            {
                var lost = Math.Max(page, borrowed);
                ReportLoss(session, lost, next - lost);
            }

            page = next;
        }
    }

    private static void ReportLoss(CheckSession session, ulong page, ulong pages)
    {
        if (session.AllReached && session.FreeIsKnown)
        {
            session.LeakedPages += pages;
            session.Problems.Add(
                IntegrityRules.PageLeaked,
                FixedPlace.File,
                page,
                "pages reachable, in the space log or free",
                "none of these",
                pages);
        }
        else
        {
            session.Problems.Note(
                IntegrityRules.PageUnaccounted, FixedPlace.File, page, "pages reachable, in the space log or free",
                "none of these, but not everything could be walked", pages);
        }
    }
}
