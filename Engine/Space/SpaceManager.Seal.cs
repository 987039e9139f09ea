using Engine.Pages;

namespace Engine.Space;

/// <content>Writing the space log at commit.</content>
internal sealed partial class SpaceManager
{
    /// <summary>The free tail is cut off when it has this many pages and a sixteenth of all.</summary>
    private const ulong MinimumTail = 16;
    private const ulong TailShare = 16;

    /// <summary>What plans are made of, reused from one to the next.</summary>
    private readonly NetTakes _takes = new();
    private readonly List<PendingExtent> _loggedFrees = [];
    private readonly List<Extent> _newLogPages = [];
    private readonly List<NamedPin> _noNames = [];

    /// <summary>How the running transaction ends, if it is sealed.</summary>
    private SealPlan? _plan;

    /// <summary>After a rewrite the head is at most half full, so that the next commits find room.</summary>
    private int HeadTarget => _tuning.LogHeadLimit / 2;

    private CondensedLog Condensed => new(_free, _zone, _pending);

    /// <summary>
    /// Ends the running transaction: writes its entries into the log, which may take pages, and may lower the page
    /// count. Then nothing can be taken or freed; <see cref="Publish"/> or <see cref="Abort"/> follows.
    /// </summary>
    /// <param name="names">The named snapshots that it makes and takes away; kept until it is published.</param>
    /// <returns>What to write; valid until the next seal.</returns>
    public SealedSpace Seal(List<NamedPin>? names = null)
    {
        RequireUnsealed();
        if (_savepoints > 0)
        {
            // What they keep is neither in use nor free.
            throw new InvalidOperationException($"{_savepoints} savepoints stand.");
        }

        RequireNamed(names ?? _noNames);
        var plan = MakePlan(names ?? _noNames);
        _log.ClearNewPages();
        WriteLog(plan);
        _plan = plan;
        return _log.Describe(_pageCount);
    }

    /// <summary>
    /// Undoes the seal, if there is one, and what the running transaction took since a point; it had freed nothing
    /// since then. It may take, free and be sealed again.
    /// </summary>
    public void Unseal(SpaceMark mark)
    {
        RequireRunning();

        // Also if sealing has failed half-way.
        _log.Restore();
        _plan = null;
        Undo(mark);
    }

    /// <summary>
    /// A name that goes is one of those that the log knows, and a state that is named is held: only a damaged tree of
    /// names says otherwise, and the log must not get what cannot be read.
    /// </summary>
    private void RequireNamed(List<NamedPin> names)
    {
        Dictionary<ulong, int>? going = null;
        foreach (var (tag, id) in names)
        {
            bool isKnown;
            if (tag == LogTag.Pin)
            {
                isKnown = id >= _transaction || _pending.Pins.IsHeld(id);
            }
            else
            {
                going ??= [];
                going[id] = going.GetValueOrDefault(id) + 1;
                isKnown = going[id] <= _pending.Pins.CountNames(id);
            }

            if (!isKnown)
            {
                throw new DatabaseCorruptException(
                    $"State {id} is named, and the space log does not know that. Run the integrity check and restore "
                    + "from a backup.");
            }
        }
    }

    private SealPlan MakePlan(List<NamedPin> names)
    {
        var isCut = TryCutTail();
        var limit = Math.Min(_basePageCount, _pageCount);
        _takes.Compute(_changes, limit, _pageCount);
        _loggedFrees.Clear();
        _loggedFrees.AddRange(_frees);
        ExtentList.Normalize(_loggedFrees);
        var entries = new TransactionEntries(_transaction, _takes, _loggedFrees, names);

        // The log must not name what was cut off.
        long ownBytes = 0;
        var writing = isCut ? LogWriting.Condense : ChooseWriting(entries, out ownBytes);
        IReadOnlyList<LogPageReference> formerChain = [];
        var pages = 0;
        if (writing == LogWriting.MoveHead)
        {
            pages = CountLogPages(_log.Head.Length + ownBytes);
        }
        else if (writing == LogWriting.Condense)
        {
            formerChain = _log.Chain;
            LogAsFree(formerChain);
            pages = CountCondensedPages(entries);
        }

        _newLogPages.Clear();
        if (pages > 0)
        {
            TakeTogether((ulong)pages, _newLogPages);
            ExtentList.Normalize(_newLogPages);

            // The entries look at these lists, so they have the new takes too.
            _takes.Compute(_changes, limit, _pageCount);
        }

        return new SealPlan
        {
            Writing = writing,
            LogLimit = limit,
            Entries = entries,
            NewLogPages = _newLogPages,
            NewLogPageCount = pages,
            FormerChain = formerChain,
        };
    }

    /// <summary>Lowers the page count if the pages at the end are free and worth it.</summary>
    private bool TryCutTail()
    {
        if (!_free.Contains(_pageCount - 1))
        {
            return false;
        }

        var tail = Math.Min(_free.CountRunBelow(_pageCount, visibleOnly: false), _pageCount - _firstPage);
        if (tail < MinimumTail || tail < _pageCount / TailShare)
        {
            return false;
        }

        var cut = new Extent(_pageCount - tail, tail);
        _zone.RemoveFrom(cut.Start);
        _free.Remove(cut);
        _pageCount = cut.Start;
        _changes.Add(new SpaceChange(SpaceChangeKind.Cut, cut));
        return true;
    }

    /// <param name="entries">The transaction's entries.</param>
    /// <param name="bytes">How long they are, unless they are appended.</param>
    private LogWriting ChooseWriting(in TransactionEntries entries, out long bytes)
    {
        // Most commits are far from the end of the head, which a rough bound tells; others count.
        bytes = 0;
        if ((long)entries.Count * MaximumEntryLength() <= _log.HeadRoom)
        {
            return LogWriting.Append;
        }

        var counter = default(LogCounter);
        entries.Emit(ref counter);
        bytes = counter.Bytes;
        if (bytes <= _log.HeadRoom)
        {
            return LogWriting.Append;
        }

        var condensed = Condensed.BoundBytes(
            _transaction, entries.Frees.Length + _log.Chain.Count, _pageCount, entries.Names.Length);
        var total = _log.Bytes + bytes;
        return 2 * condensed <= total && (total > _tuning.SmallLog || condensed <= HeadTarget)
            ? LogWriting.Condense
            : LogWriting.MoveHead;
    }

    /// <summary>Adds the pages of a chain to the frees as the log will have them.</summary>
    private void LogAsFree(IReadOnlyList<LogPageReference> chain)
    {
        // By index: an interface's enumerator would be an allocation.
        for (var i = 0; i < chain.Count; i++)
        {
            var page = chain[i];
            var extent = new Extent(page.Page, 1);
            if (_logged.ContainsAny(extent))
            {
                throw new DatabaseCorruptException(page.Page, "belongs to the space log and was freed by a tree");
            }

            _loggedFrees.Add(new PendingExtent(extent, page.Birth));
        }

        ExtentList.Normalize(_loggedFrees);
    }

    /// <summary>How many pages the condensed log needs; none if it fits into the head.</summary>
    private int CountCondensedPages(in TransactionEntries entries)
    {
        var counter = default(LogCounter);
        Condensed.Emit(ref counter, entries);
        return counter.Bytes <= HeadTarget ? 0 : CountLogPages(counter.Bytes);
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
        var number = Leb128.Length((2 * _pageCount) + 4096);
        return 1 + (2 * number) + Leb128.Length(_transaction);
    }

    private void WriteLog(in SealPlan plan)
    {
        if (plan.Writing == LogWriting.Append)
        {
            var appender = _log.BeginAppend();
            plan.Entries.Emit(ref appender);
            _log.EndAppend(ref appender);
            return;
        }

        var packer = _log.BeginRewrite(plan.NewLogPageCount);
        if (plan.Writing == LogWriting.MoveHead)
        {
            CopyHead(ref packer);
            plan.Entries.Emit(ref packer);
        }
        else
        {
            Condensed.Emit(ref packer, plan.Entries);
        }

        _log.EndRewrite(ref packer, plan.NewLogPages, _transaction, keepChain: plan.Writing == LogWriting.MoveHead);
    }

    private void CopyHead(ref LogPacker packer)
    {
        var reader = new LogReader(_log.Head, 0, _newest, _firstPage, _pageCount, mayName: true);
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
            else if (entry.Tag == LogTag.Allocate)
            {
                packer.Allocate(entry.Pages);
            }
            else
            {
                packer.Name(entry.Tag, entry.Birth);
            }
        }
    }

    /// <summary>Makes the set of logged pages what the sealed log says.</summary>
    private void ApplyToLogged(in SealPlan plan)
    {
        if (plan.LogLimit < _basePageCount)
        {
            _logged.Remove(new Extent(plan.LogLimit, _basePageCount - plan.LogLimit));
        }

        foreach (var extent in plan.Entries.Allocated)
        {
            _logged.Remove(extent);
        }

        foreach (var extent in plan.Entries.Grown)
        {
            _logged.Add(extent);
        }

        for (var i = 0; i < plan.FormerChain.Count; i++)
        {
            _logged.Add(new Extent(plan.FormerChain[i].Page, 1));
        }
    }
}
