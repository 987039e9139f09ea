using Engine.Cli.Inspection;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>
/// Tells former versions of pages from those that count. A copy-on-write file is full of them: they stay until their
/// place is used again. Where the whole space log of the state can be read, it says of each page whether it is free.
/// Where it cannot, each piece that is left still tells facts: a page that transaction F freed was not written after F
/// if its birth is below F, so that version counts no more, whatever came later. (What is written there afterwards has
/// a later birth.)
/// </summary>
internal sealed class StalePages
{
    private readonly SalvagePages _pages;
    private readonly FileSurvey _survey;
    private readonly byte[] _header = new byte[HeaderLength];

    private StalePages(SalvagePages pages, FileSurvey survey)
    {
        _pages = pages;
        _survey = survey;
        Stale = new PageSet(pages.Geometry.PageCount);
    }

    /// <summary>Pages of the survey that are former versions for certain.</summary>
    public PageSet Stale { get; }

    /// <summary>Whether all others count. If not, there may be former versions among them.</summary>
    public bool IsComplete { get; private set; }

    /// <param name="pages">The file's pages.</param>
    /// <param name="survey">What was found among them.</param>
    /// <param name="metas">The metas of the state, and of older ones.</param>
    public static StalePages Find(SalvagePages pages, FileSurvey survey, IReadOnlyList<MetaSlot> metas)
    {
        var stale = new StalePages(pages, survey);
        if (metas.Count > 0 && metas[0].HasRightChecksum && stale.ReadWholeLog(metas[0]) is { } free)
        {
            stale.IsComplete = true;
            foreach (PageSet set in survey.Nodes)
                stale.AddWhere(set, free, metas[0].PageCount);
            return stale;
        }

        foreach (MetaSlot meta in metas.Where(meta => meta.HasRightChecksum))
            stale.Apply(meta.LogHeadEntries);
        byte[] page = new byte[pages.Geometry.PageSize];
        foreach (ulong log in pages.In(survey.Logs))
        {
            if (pages.TryRead(log, page))
                stale.Apply(new LogPageView(page).Entries);
        }

        return stale;
    }

    /// <summary>
    /// The free pages; null if something of the log is missing. It may name pages that a cut file does not have any
    /// more.
    /// </summary>
    private PageSet? ReadWholeLog(MetaSlot meta)
    {
        try
        {
            var problems = new ProblemList(0);
            var whole = new Geometry(_pages.Geometry.PageSize, Math.Max(meta.PageCount, _pages.Geometry.FirstPage));
            var session = new CheckSession(_pages.Reader, whole, meta, problems, null, _pages.Cancellation);
            new SpaceLogCheck(session).Run();
            return problems.Count == 0 && session.FreeIsKnown ? session.Free : null;
        }
        catch (Exception exception) when (exception is DatabaseException or IOException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private void AddWhere(PageSet set, PageSet free, ulong pageCount)
    {
        foreach (ulong page in _pages.In(set))
        {
            if (page >= pageCount || free.Contains(page))
                Stale.Add(page, 1);
        }
    }

    private void Apply(ReadOnlySpan<byte> entries)
    {
        // Judged by what could be: the file may have been cut since.
        ulong pageCount = _pages.Geometry.PageCount;
        var unbounded = new Geometry(_pages.Geometry.PageSize, ulong.MaxValue);
        var reader = new LogEntryReader(entries, unbounded, ulong.MaxValue, mayName: true);
        while (reader.TryRead(out LogEntry entry))
        {
            if (entry.Tag == LogEntry.FreeTag && entry.Pages > 0 && entry.First < pageCount)
                Apply(entry.First, Math.Min(entry.First + Math.Min(entry.Pages, pageCount), pageCount), entry.Group);
        }
    }

    private void Apply(ulong first, ulong end, ulong freedIn)
    {
        foreach (PageSet set in _survey.Nodes)
        {
            foreach (ulong page in _pages.In(set, first, end))
            {
                if (_pages.TryRead(page, _header) && U64(_header, 16) < freedIn)
                    Stale.Add(page, 1);
            }
        }
    }
}
