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
    private readonly SalvageFile _file;
    private readonly Geometry _geometry;
    private readonly FileSurvey _survey;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _header = new byte[HeaderLength];

    private StalePages(SalvageFile file, Geometry geometry, FileSurvey survey, CancellationToken cancellation)
    {
        _file = file;
        _geometry = geometry;
        _survey = survey;
        _cancellation = cancellation;
        Stale = new PageSet(geometry.PageCount);
    }

    /// <summary>Pages of the survey that are former versions for certain.</summary>
    public PageSet Stale { get; }

    /// <summary>Whether all others count. If not, there may be former versions among them.</summary>
    public bool IsComplete { get; private set; }

    /// <param name="file">The file.</param>
    /// <param name="geometry">Of its pages.</param>
    /// <param name="survey">What was found in it.</param>
    /// <param name="metas">The metas of the state, and of older ones.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static StalePages Find(SalvageFile file, Geometry geometry, FileSurvey survey, IReadOnlyList<MetaSlot> metas,
        CancellationToken cancellation)
    {
        var stale = new StalePages(file, geometry, survey, cancellation);
        if (metas.Count > 0 && metas[0].HasRightChecksum && stale.ReadWholeLog(metas[0]) is { } free)
        {
            stale.IsComplete = true;
            foreach (PageSet set in survey.Nodes)
                stale.AddWhere(set, free, metas[0].PageCount);
            return stale;
        }

        foreach (MetaSlot meta in metas.Where(meta => meta.HasRightChecksum))
            stale.Apply(meta.LogHead[..Math.Min(meta.LogHeadUsed, LogHeadLength)]);
        byte[] page = new byte[geometry.PageSize];
        foreach (ulong log in SetPages.Between(survey.Logs, 0, geometry.PageCount))
        {
            cancellation.ThrowIfCancellationRequested();
            if (stale.TryRead(log, page))
                stale.Apply(page.AsSpan(LogEntriesOffset, (int)new PageHeader(page).Length));
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
            var whole = new Geometry(_geometry.PageSize, Math.Max(meta.PageCount, _geometry.FirstPage));
            var session = new CheckSession(_file.Reader, whole, meta, problems, null, _cancellation);
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
        foreach (ulong page in SetPages.Between(set, 0, _geometry.PageCount))
        {
            if (page >= pageCount || free.Contains(page))
                Stale.Add(page, 1);
        }
    }

    private void Apply(ReadOnlySpan<byte> entries)
    {
        // Judged by what could be: the file may have been cut since.
        var reader = new LogEntryReader(entries, new Geometry(_geometry.PageSize, ulong.MaxValue), ulong.MaxValue);
        while (reader.TryRead(out LogEntry entry))
        {
            if (entry.Tag == LogEntry.FreeTag && entry.Pages > 0 && entry.First < _geometry.PageCount)
                Apply(entry.First, Math.Min(entry.First + Math.Min(entry.Pages, _geometry.PageCount),
                    _geometry.PageCount), entry.Group);
        }
    }

    private void Apply(ulong first, ulong end, ulong freedIn)
    {
        foreach (PageSet set in _survey.Nodes)
        {
            foreach (ulong page in SetPages.Between(set, first, end))
            {
                _cancellation.ThrowIfCancellationRequested();
                if (TryRead(page, _header) && U64(_header, 16) < freedIn)
                    Stale.Add(page, 1);
            }
        }
    }

    private bool TryRead(ulong page, Span<byte> destination)
    {
        try
        {
            _file.Reader.Read((long)page * _geometry.PageSize, destination);
            return true;
        }
        catch (Exception exception) when (exception is DatabaseException or IOException)
        {
            return false;
        }
    }
}
