using Engine.Pages;

namespace Engine.Space;

/// <summary>
/// Reads the space log at open. A first pass from the oldest page to the head finds the free pages and checks every
/// rule; a second one, only when readers pin something old, goes backwards to find for each free page the entry that
/// freed it last.
/// </summary>
internal sealed class LogReplay
{
    private readonly Meta _meta;
    private readonly ulong _firstPage;
    private readonly LogPageSource _source;
    private readonly FreeMap _free;

    /// <summary>Per page of the chain, newest first: what its reference must say about it.</summary>
    private readonly List<(LogPageReference Page, uint Crc)> _newestFirst = [];

    private readonly long _directWork;

    /// <summary>The states of named snapshots, and of how many each.</summary>
    private readonly SortedDictionary<ulong, int> _named = [];

    private ulong _newestFree;

    private LogReplay(Meta meta, int pageSize, LogPageSource source, FreeMap free, long directWork)
    {
        _directWork = directWork;
        _meta = meta;
        _firstPage = PageLayout.FirstPage(pageSize);
        _source = source;
        _free = free;
    }

    /// <summary>Fills the free map and the buckets, and returns the chain, oldest page first.</summary>
    /// <param name="meta">The recovered meta.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="source">Gives the log pages.</param>
    /// <param name="free">An empty free map.</param>
    /// <param name="pending">Empty.</param>
    /// <param name="held">The ids that readers hold, in any order; newer ones than the meta's are ignored.</param>
    /// <param name="directWork">
    /// Words of 64 pages that the entries may name before the log is taken for a hostile one.
    /// </param>
    /// <exception cref="DatabaseCorruptException">The log breaks a rule of its format.</exception>
    public static List<LogPageReference> Run(
        Meta meta,
        int pageSize,
        LogPageSource source,
        FreeMap free,
        PendingPages pending,
        ReadOnlySpan<ulong> held,
        long directWork)
    {
        var replay = new LogReplay(meta, pageSize, source, free, directWork);
        replay.WalkChain();
        replay.Apply();
        replay.RequireChainInUse();
        replay.AddPins(pending.Pins, held);
        if (pending.Pins.FindBelow(replay._newestFree) is not null)
        {
            replay.HoldPinned(pending);
        }

        var chain = replay._newestFirst.ConvertAll(static item => item.Page);
        chain.Reverse();
        return chain;
    }

    private void WalkChain()
    {
        var visited = new PageSet();
        var page = _meta.LogPage;
        var crc = _meta.LogPageCrc;
        var newest = _meta.Id;
        for (uint i = 0; i < _meta.LogPages; i++)
        {
            if (page < _firstPage || page >= _meta.PageCount)
            {
                throw Broken($"the chain should have {_meta.LogPages} pages, but number {i + 1} is page {page}");
            }

            if (visited.Contains(page))
            {
                throw new DatabaseCorruptException(page, "is twice in the chain of the space log");
            }

            visited.Add(new Extent(page, 1));
            var image = _source(page);
            LogPage.Verify(image, page, crc, newest);
            newest = LogPage.ReadBirth(image);
            _newestFirst.Add((new LogPageReference(page, newest, LogPage.Entries(image).Length), crc));
            page = LogPage.ReadPrevious(image);
            crc = LogPage.ReadPreviousCrc(image);
        }

        if (page != 0)
        {
            throw Broken($"the chain should end after {_meta.LogPages} pages, but page {page} follows");
        }
    }

    private void Apply()
    {
        if (!TryApplyDirectly())
        {
            ClearFree();
            _named.Clear();
            ApplyByExtents();
        }
    }

    /// <summary>
    /// Applies the entries to the bitmap, page by page; false, with half of it done, if that is too much work.
    /// </summary>
    private bool TryApplyDirectly()
    {
        var work = _directWork;
        for (var i = _newestFirst.Count - 1; i >= -1; i--)
        {
            var reader = Open(i);
            while (reader.TryRead(out var entry))
            {
                work -= (long)(entry.Pages.Length / 64);
                if (work < 0)
                {
                    return false;
                }

                if (entry.Tag == LogTag.Free)
                {
                    if (_free.ContainsAny(entry.Pages))
                    {
                        throw FreeTwice(reader, entry);
                    }

                    _free.Add(entry.Pages);
                    _newestFree = Math.Max(_newestFree, entry.Transaction);
                }
                else if (entry.Tag == LogTag.Allocate)
                {
                    if (!_free.ContainsAll(entry.Pages))
                    {
                        throw NotFree(reader, entry);
                    }

                    _free.Remove(entry.Pages);
                }
                else
                {
                    ApplyName(reader, entry);
                }
            }
        }

        return true;
    }

    private void ApplyName(in LogReader reader, LogEntry entry)
    {
        if (entry.Tag == LogTag.Pin)
        {
            _named[entry.Birth] = _named.GetValueOrDefault(entry.Birth) + 1;
        }
        else if (entry.Tag == LogTag.Unpin)
        {
            var left = _named.GetValueOrDefault(entry.Birth) - 1;
            if (left < 0)
            {
                throw reader.Malformed($"ends a named snapshot of state {entry.Birth}, which has none");
            }

            if (left == 0)
            {
                _named.Remove(entry.Birth);
            }
            else
            {
                _named[entry.Birth] = left;
            }
        }
    }

    /// <summary>Adds the pins that exist now: the readers', the names', and the meta's own.</summary>
    private void AddPins(PinSet pins, ReadOnlySpan<ulong> held)
    {
        var ids = new SortedSet<ulong>(_named.Keys) { _meta.Id };
        foreach (var id in held)
        {
            ids.Add(Math.Min(id, _meta.Id));
        }

        foreach (var id in ids)
        {
            pins.Add(id);
            for (var names = _named.GetValueOrDefault(id); names > 0; names--)
            {
                pins.AddName(id);
            }
        }
    }

    private void ApplyByExtents()
    {
        var borders = new List<ulong>();
        for (var i = _newestFirst.Count - 1; i >= -1; i--)
        {
            var reader = Open(i);
            while (reader.TryRead(out var entry))
            {
                if (entry.Pages.Length > 0)
                {
                    borders.Add(entry.Pages.Start);
                    borders.Add(entry.Pages.End);
                }
            }
        }

        var extents = new ExtentReplay(borders);
        for (var i = _newestFirst.Count - 1; i >= -1; i--)
        {
            var reader = Open(i);
            while (reader.TryRead(out var entry))
            {
                if (entry.Tag == LogTag.Free)
                {
                    if (!extents.TrySet(entry.Pages, isFree: true))
                    {
                        throw FreeTwice(reader, entry);
                    }

                    _newestFree = Math.Max(_newestFree, entry.Transaction);
                }
                else if (entry.Tag == LogTag.Allocate)
                {
                    if (!extents.TrySet(entry.Pages, isFree: false))
                    {
                        throw NotFree(reader, entry);
                    }
                }
                else
                {
                    ApplyName(reader, entry);
                }
            }
        }

        foreach (var extent in extents.ListFree())
        {
            _free.Add(extent);
        }
    }

    private void ClearFree()
    {
        _newestFree = 0;
        while (_free.TryFindAny(new Extent(_firstPage, _meta.PageCount - _firstPage), out var run))
        {
            _free.Remove(run);
        }
    }

    private static DatabaseCorruptException FreeTwice(in LogReader reader, LogEntry entry) =>
        reader.Malformed($"frees a page of {entry.Pages} that is free already");

    private static DatabaseCorruptException NotFree(in LogReader reader, LogEntry entry) =>
        reader.Malformed($"allocates a page of {entry.Pages} that is not free");

    private void RequireChainInUse()
    {
        foreach (var (page, _) in _newestFirst)
        {
            if (_free.Contains(page.Page))
            {
                throw new DatabaseCorruptException(page.Page, "belongs to the space log, which says that it is free");
            }
        }
    }

    /// <summary>Moves what pinned snapshots hold from the free map into the buckets.</summary>
    private void HoldPinned(PendingPages pending)
    {
        var unresolved = _free.ToSet();
        var entries = new List<LogEntry>();
        for (var i = -1; i < _newestFirst.Count && unresolved.Count > 0; i++)
        {
            entries.Clear();
            var reader = Open(i);
            while (reader.TryRead(out var entry))
            {
                entries.Add(entry);
            }

            for (var k = entries.Count - 1; k >= 0; k--)
            {
                if (entries[k].Tag == LogTag.Free)
                {
                    Resolve(entries[k], unresolved, pending);
                }
            }
        }
    }

    private void Resolve(LogEntry entry, PageSet unresolved, PendingPages pending)
    {
        var rest = entry.Pages;
        while (rest.Length > 0 && unresolved.TryFindRun(rest, out var run))
        {
            unresolved.Remove(run);
            _free.Remove(run);
            pending.Add(run, entry.Birth, entry.Transaction);
            rest = new Extent(run.End, rest.End - run.End);
        }
    }

    /// <summary>The entries of a page of the chain, or of the head for −1.</summary>
    private LogReader Open(int index)
    {
        if (index < 0)
        {
            return CreateReader(_meta.LogHead.Span, 0);
        }

        var (page, crc) = _newestFirst[index];
        var image = _source(page.Page);
        LogPage.Verify(image, page.Page, crc, _meta.Id);
        return CreateReader(LogPage.Entries(image), page.Page);
    }

    private LogReader CreateReader(ReadOnlySpan<byte> entries, ulong page) =>
        new(entries, page, _meta.Id, _firstPage, _meta.PageCount, _meta.HasNames);

    private static DatabaseCorruptException Broken(string problem) =>
        new(
            $"The space log is broken: {problem}. Run the integrity check and restore from a backup, or salvage what "
            + $"is readable.");
}
