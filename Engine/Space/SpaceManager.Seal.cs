namespace Engine.Space;

/// <content>Writing the space log at commit.</content>
internal sealed partial class SpaceManager
{
    /// <summary>The free tail is cut off when it has this many pages and a sixteenth of all.</summary>
    private const ulong MinimumTail = 16;
    private const ulong TailShare = 16;

    /// <summary>
    /// Net takes of the transaction below the page count that it began with (or cut down to), ascending.
    /// </summary>
    private readonly List<Extent> _allocated = [];

    /// <summary>Pages beyond that page count which the transaction leaves free, ascending.</summary>
    private readonly List<Extent> _grown = [];

    private readonly List<Extent> _net = [];
    private readonly List<Extent> _logPages = [];
    private readonly List<(ulong Page, int Change)> _edges = [];

    /// <summary>What the transaction had freed before the pages of the log were freed with it.</summary>
    private readonly List<PendingExtent> _freesBeforeCondensing = [];
    private bool _isCondensed;

    /// <summary>
    /// Pages from here on are not in the log before this transaction: the page count at its begin, or after its cut.
    /// </summary>
    private ulong _logLimit;

    /// <summary>After a rewrite the head is at most half full, so that the next commits find room.</summary>
    private int HeadTarget => _tuning.LogHeadLimit / 2;

    /// <summary>
    /// Ends the running transaction: writes its entries into the log, which may take pages, and may lower the page
    /// count. Then nothing can be taken or freed; <see cref="Publish"/> or <see cref="Abort"/> follows.
    /// </summary>
    /// <param name="trim">Whether to cut off a free tail however short it is, for a commit before closing.</param>
    /// <returns>What to write; valid until the next seal.</returns>
    public SealedSpace Seal(bool trim = false)
    {
        RequireUnsealed();
        _log.ClearNewPages();
        _isCondensed = false;
        _logLimit = _basePageCount;
        var isCut = TryCutTail(trim);
        ExtentList.Normalize(_frees);
        ComputeNet();
        if (isCut)
        {
            Condense();
        }
        else
        {
            AppendOrRewrite();
        }

        _isSealed = true;
        return _log.Describe(_pageCount);
    }

    /// <summary>
    /// Undoes the seal, if there is one, and what the running transaction took since a point; it had freed nothing
    /// since then. It may take, free and be sealed again.
    /// </summary>
    public void Unseal(SpaceMark mark)
    {
        RequireRunning();
        if (_isSealed)
        {
            _log.Restore();
            UndoCondensing();
            _isSealed = false;

            // Sealing has joined and sorted what was freed, all of it before the point.
            mark = mark with { Frees = _frees.Count };
        }

        Undo(mark);
    }

    private void AppendOrRewrite()
    {
        // Most commits are far from the end of the head, which a rough bound tells; others count.
        var own = default(LogCounter);
        var fits = ((long)(_allocated.Count + _grown.Count + _frees.Count + 1) * MaximumEntryLength()) <= _log.HeadRoom;
        if (!fits)
        {
            EmitOwn(ref own);
            fits = own.Bytes <= _log.HeadRoom;
        }

        if (fits)
        {
            var packer = _log.BeginAppend();
            EmitOwn(ref packer);
            _log.EndAppend(ref packer);
            return;
        }

        var condensed = CondensedBound();
        var total = _log.Bytes + own.Bytes;
        if (2 * condensed <= total && (total > _tuning.SmallLog || condensed <= HeadTarget))
        {
            Condense();
        }
        else
        {
            MoveHead(own.Bytes);
        }
    }

    /// <summary>
    /// Moves the head and the transaction's entries into new pages behind the chain; the rest of them is the new head.
    /// </summary>
    private void MoveHead(long ownBytes)
    {
        var pages = CountLogPages(_log.Head.Length + ownBytes);
        TakeLogPages(pages);
        var packer = _log.BeginRewrite(pages);
        var reader = new LogReader(_log.Head, 0, _newest, _firstPage, _pageCount);
        while (reader.TryRead(out var entry))
        {
            if (entry.Tag == LogTag.Group)
            {
                packer.Group(entry.Transaction);
            }
            else if (entry.Tag == LogTag.Free)
            {
                packer.Free(entry.Pages, entry.Birth);
            }
            else
            {
                packer.Allocate(entry.Pages);
            }
        }

        EmitOwn(ref packer);
        _log.EndRewrite(ref packer, _logPages, _transaction, keepChain: true);
    }

    /// <summary>
    /// Replaces the log by its condensed form. The pages of the former chain are freed like any others.
    /// </summary>
    private void Condense()
    {
        _freesBeforeCondensing.Clear();
        _freesBeforeCondensing.AddRange(_frees);
        _isCondensed = true;
        foreach (var page in _log.Chain)
        {
            var extent = new Extent(page.Page, 1);
            _logged.Add(extent);
            _frees.Add(new PendingExtent(extent, page.Birth));
        }

        ExtentList.Normalize(_frees);
        var counter = default(LogCounter);
        EmitCondensed(ref counter, _transaction);
        var pages = counter.Bytes <= HeadTarget ? 0 : CountLogPages(counter.Bytes);
        TakeLogPages(pages);
        var packer = _log.BeginRewrite(pages);
        EmitCondensed(ref packer, _transaction);
        _log.EndRewrite(ref packer, _logPages, _transaction, keepChain: false);
    }

    /// <summary>The chain, which has been restored, is in use again.</summary>
    private void UndoCondensing()
    {
        if (_isCondensed)
        {
            _isCondensed = false;
            _frees.Clear();
            _frees.AddRange(_freesBeforeCondensing);
            foreach (var page in _log.Chain)
            {
                _logged.Remove(new Extent(page.Page, 1));
            }
        }
    }

    /// <summary>
    /// How many pages so many bytes need, if the head takes what is left. Taking a page changes the entries: each adds
    /// one at most, and each page may be left with room for less than one.
    /// </summary>
    private int CountLogPages(long bytes)
    {
        var entry = MaximumEntryLength();
        var overhead = (2 * entry) + LogEncoding.GroupLength(_transaction);
        var surplus = bytes + (4 * entry) - HeadTarget;
        return (int)Math.Max(1, (surplus + _log.PageCapacity - overhead - 1) / (_log.PageCapacity - overhead));
    }

    private int MaximumEntryLength()
    {
        var number = LogEncoding.NumberLength((2 * _pageCount) + 4096);
        return 1 + (2 * number) + LogEncoding.NumberLength(_transaction);
    }

    private void TakeLogPages(int pages)
    {
        _logPages.Clear();
        TakeTogether((ulong)pages, _logPages);
        ExtentList.Normalize(_logPages);
        ComputeNet();
    }

    /// <summary>Lowers the page count if the pages at the end are free and worth it.</summary>
    private bool TryCutTail(bool trim)
    {
        if (!_free.Contains(_pageCount - 1))
        {
            return false;
        }

        var tail = Math.Min(_free.CountRunBelow(_pageCount, visibleOnly: false), _pageCount - _firstPage);
        if (!trim && (tail < MinimumTail || tail < _pageCount / TailShare))
        {
            return false;
        }

        var cut = new Extent(_pageCount - tail, tail);
        _zone.RemoveFrom(cut.Start);
        _free.Remove(cut);
        _pageCount = cut.Start;
        _logLimit = Math.Min(_logLimit, _pageCount);
        _changes.Add(new SpaceChange(SpaceChangeKind.Cut, cut));
        return true;
    }

    /// <summary>Works out which pages the transaction holds in the end, out of its takes and returns.</summary>
    private void ComputeNet()
    {
        _net.Clear();
        if (HasReturns())
        {
            SubtractReturns();
        }
        else
        {
            foreach (var change in _changes)
            {
                if (change.Kind == SpaceChangeKind.Take)
                {
                    _net.Add(change.Pages);
                }
            }
        }

        ExtentList.Normalize(_net);
        _allocated.Clear();
        _grown.Clear();
        var next = _logLimit;
        foreach (var extent in _net)
        {
            if (extent.Start < _logLimit)
            {
                _allocated.Add(extent with { Length = Math.Min(extent.End, _logLimit) - extent.Start });
            }

            if (extent.End > _logLimit)
            {
                var start = Math.Max(extent.Start, _logLimit);
                if (start > next)
                {
                    _grown.Add(new Extent(next, start - next));
                }

                next = extent.End;
            }
        }

        if (next < _pageCount)
        {
            _grown.Add(new Extent(next, _pageCount - next));
        }
    }

    private bool HasReturns()
    {
        foreach (var change in _changes)
        {
            if (change.Kind == SpaceChangeKind.Return)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A page is held if it was taken once more than it was returned.</summary>
    private void SubtractReturns()
    {
        _edges.Clear();
        foreach (var (kind, pages) in _changes)
        {
            if (kind is SpaceChangeKind.Take or SpaceChangeKind.Return)
            {
                var sign = kind == SpaceChangeKind.Take ? 1 : -1;
                _edges.Add((pages.Start, sign));
                _edges.Add((pages.End, -sign));
            }
        }

        _edges.Sort(static (a, b) => a.Page.CompareTo(b.Page));
        var depth = 0;
        for (var i = 0; i < _edges.Count - 1; i++)
        {
            depth += _edges[i].Change;
            if (depth > 0 && _edges[i].Page < _edges[i + 1].Page)
            {
                _net.Add(new Extent(_edges[i].Page, _edges[i + 1].Page - _edges[i].Page));
            }
        }
    }

    /// <summary>The entries of the running transaction.</summary>
    private void EmitOwn<TSink>(ref TSink sink)
        where TSink : struct, ILogSink
    {
        sink.Group(_transaction);
        foreach (var extent in _allocated)
        {
            sink.Allocate(extent);
        }

        foreach (var extent in _grown)
        {
            sink.Free(extent, _transaction);
        }

        foreach (var entry in _frees)
        {
            sink.Free(entry.Pages, entry.Birth);
        }
    }

    /// <summary>The whole log in its shortest form.</summary>
    private void EmitCondensed<TSink>(ref TSink sink, ulong transaction)
        where TSink : struct, ILogSink
    {
        // No snapshot above the pin of a bucket will ever hold its pages, so they might as well have been freed just
        // above it.
        foreach (var pin in _pending.Pins.Pins)
        {
            sink.Group(pin.Id + 1);
            foreach (var entry in pin.Entries)
            {
                sink.Free(entry.Pages, entry.Birth);
            }
        }

        // What is reusable now is held by no pin, and old pins never come back: a difference of 0.
        sink.Group(transaction);
        for (ulong page = 0; _free.TryFindRun(page, 1, out var start);)
        {
            page = _free.FindRunEnd(start);
            sink.Free(new Extent(start, page - start), transaction);
        }

        foreach (var word in _zone.Words)
        {
            var rest = new Extent((ulong)word * BranchZone.ExtentPages, BranchZone.ExtentPages);
            while (_free.TryFindAny(rest, out var run))
            {
                sink.Free(run, transaction);
                rest = new Extent(run.End, rest.End - run.End);
            }
        }

        foreach (var entry in _frees)
        {
            sink.Free(entry.Pages, entry.Birth);
        }
    }

    /// <summary>At most so many bytes are in the condensed log, without looking at every run.</summary>
    private long CondensedBound()
    {
        var runs = (long)_free.RunCount + (2 * _zone.Words.Count);
        var waiting = (long)_pending.EntryCount + _frees.Count + _log.Chain.Count;
        var start = LogEncoding.NumberLength(_pageCount);

        // An extent's length takes one byte more for 128 pages, and never more than five.
        var lengths = Math.Min((long)(_free.Count + _pending.PageCount) / 128, 4 * (runs + waiting));
        var groups = (_pending.Pins.Pins.Length + 1) * (long)LogEncoding.GroupLength(_transaction);
        return (runs * (start + 3)) + (waiting * (start + 2 + LogEncoding.NumberLength(_transaction))) + lengths
            + groups;
    }

    /// <summary>Makes the set of logged pages what the sealed log says.</summary>
    private void ApplyToLogged()
    {
        if (_logLimit < _basePageCount)
        {
            _logged.Remove(new Extent(_logLimit, _basePageCount - _logLimit));
        }

        foreach (var extent in _allocated)
        {
            _logged.Remove(extent);
        }

        foreach (var extent in _grown)
        {
            _logged.Add(extent);
        }
    }
}
