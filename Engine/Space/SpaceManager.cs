using Engine.Pages;

namespace Engine.Space;

/// <summary>
/// The allocator of an open writer: which pages exist, which can be used, which wait for pins, and the space log that
/// says so on disk. Used by one thread at a time.
/// <para>A transaction goes <see cref="Begin"/>, takes and frees, <see cref="Seal"/>, then <see cref="Publish"/> or
/// <see cref="Abort"/>. What it does stays in a side list until it is published. docs/space.md has the policies.</para>
/// </summary>
internal sealed partial class SpaceManager
{
    private readonly SpaceTuning _tuning;
    private readonly ulong _firstPage;
    private readonly FreeMap _free = new();
    private readonly PendingPages _pending;
    private readonly BranchZone _zone;
    private readonly SpaceLog _log;

    /// <summary>
    /// The pages that the log calls free, once the running transaction is published: reusable, pending, freed now; and
    /// what it took.
    /// </summary>
    private readonly PageSet _logged;

    private readonly List<SpaceChange> _changes = [];
    private readonly List<PendingExtent> _frees = [];

    private ulong _pageCount;
    private ulong _newest;
    private int _freesPublished;
    private bool _avoidsGrowth;

    /// <summary>The running transaction, 0 if there is none.</summary>
    private ulong _transaction;

    /// <summary>The page count when it began.</summary>
    private ulong _basePageCount;

    private SpaceManager(Meta meta, int pageSize, LogPageSource source, ReadOnlySpan<ulong> held, SpaceTuning tuning)
    {
        _tuning = tuning;
        _firstPage = PageLayout.FirstPage(pageSize);
        _pageCount = meta.PageCount;
        _newest = meta.Id;
        _pending = new PendingPages(_free);
        _zone = new BranchZone(_free);
        _log = new SpaceLog(
            pageSize,
            tuning.LogHeadLimit,
            meta,
            LogReplay.Run(meta, pageSize, source, _free, _pending, held, tuning.DirectReplayWork));
        _logged = CollectFree();
    }

    /// <summary>Whether a transaction is running.</summary>
    public bool IsRunning => _transaction != 0;

    /// <summary>Pages 0 … page count − 1 exist, the running transaction's included.</summary>
    public ulong PageCount => _pageCount;

    /// <summary>Pages that can be taken without growing the file, those of the branch zone included.</summary>
    public ulong ReusablePages => _free.Count;

    /// <summary>Free pages that wait for pins.</summary>
    public ulong PendingPages => _pending.PageCount;

    /// <summary>Entries of released pins that are still to be looked at.</summary>
    public int Backlog => _pending.Backlog;

    /// <summary>Pages that can be taken for anything without growing the file: not those of the branch zone.</summary>
    public ulong VisiblePages => _free.VisibleCount;

    /// <summary>The pins, to be looked at.</summary>
    public PinSet Pins => _pending.Pins;

    /// <summary>What is inside, for tests: they compare it with a model.</summary>
    internal (FreeMap Free, BranchZone Zone, PendingPages Pending) Parts => (_free, _zone, _pending);

    /// <summary>
    /// Set it after the disk was full: the pages of the branch zone then serve everything, and the file grows only when
    /// not a single page is left. Clearing it makes a new zone.
    /// </summary>
    public bool AvoidGrowth
    {
        get => _avoidsGrowth;
        set
        {
            _avoidsGrowth = value;
            if (value)
            {
                DissolveZone();
            }
        }
    }

    /// <summary>Reads the space log of a meta.</summary>
    /// <param name="meta">The recovered meta.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="source">Gives the pages of the log chain.</param>
    /// <param name="held">
    /// The ids that readers hold, in any order; the meta's own is pinned in any case, newer ones are ignored.
    /// </param>
    /// <param name="tuning">Other sizes than the usual ones, for tests.</param>
    /// <exception cref="DatabaseCorruptException">The log breaks a rule of its format.</exception>
    /// <exception cref="DatabaseFormatException">The file has more pages than this version can manage.</exception>
    public static SpaceManager Open(
        Meta meta, int pageSize, LogPageSource source, ReadOnlySpan<ulong> held, SpaceTuning? tuning = null)
    {
        if (meta.PageCount > FreeMap.MaxPages)
        {
            throw new DatabaseFormatException(
                $"The database has {meta.PageCount} pages; this version can open {FreeMap.MaxPages} for writing. Open "
                + "it read-only.");
        }

        return new SpaceManager(meta, pageSize, source, held, tuning ?? SpaceTuning.Default);
    }

    /// <summary>Starts a transaction. Its id is pinned when it is published.</summary>
    public void Begin(ulong transactionId)
    {
        if (_transaction != 0)
        {
            throw new InvalidOperationException($"Transaction {_transaction} is still running.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(transactionId, _newest);
        _transaction = transactionId;
        _basePageCount = _pageCount;
    }

    /// <summary>
    /// Says that the running transaction no longer reaches these pages. Pages that it wrote itself can be taken again
    /// at once; others when no snapshot holds them.
    /// </summary>
    /// <param name="pages">Pages in use.</param>
    /// <param name="birth">The transaction that wrote them; the running one for pages that it took itself.</param>
    /// <exception cref="DatabaseCorruptException">
    /// A page does not exist, or is free already, or is newer than the transaction.
    /// </exception>
    public void Free(Extent pages, ulong birth)
    {
        RequireUnsealed();
        var isOwn = birth == _transaction;
        var limit = isOwn ? _pageCount : _basePageCount;
        if (pages.Start < _firstPage || pages.Start >= limit || pages.Length == 0 || pages.Length > limit - pages.Start)
        {
            throw new DatabaseCorruptException(
                pages.Start,
                $"cannot be freed with the {pages.Length} pages from it on: pages {_firstPage} to {limit - 1} are in "
                + "use");
        }

        if (birth == 0 || birth > _transaction)
        {
            throw new DatabaseCorruptException(
                pages.Start, $"says that transaction {birth} wrote it, but the newest is {_transaction}");
        }

        if (isOwn ? _free.ContainsAny(pages) || _keptPages.ContainsAny(pages) : _logged.ContainsAny(pages))
        {
            throw new DatabaseCorruptException(pages.Start, "is in use and free at the same time, or in use twice");
        }

        if (isOwn)
        {
            ReturnOrKeep(pages);
        }
        else
        {
            _logged.Add(pages);
            _frees.Add(new PendingExtent(pages, birth));
        }
    }

    /// <summary>The point that the running transaction is at.</summary>
    public SpaceMark Mark() => new(_changes.Count, _frees.Count, _kept.Count);

    /// <summary>Undoes what the running transaction did since a point.</summary>
    public void RollBackTo(SpaceMark mark)
    {
        RequireUnsealed();
        Undo(mark);
    }

    /// <summary>Drops the running transaction, sealed or not: everything is as it was when it began.</summary>
    public void Abort()
    {
        RequireRunning();
        _log.Restore();
        Undo(default);
        End();
    }

    /// <summary>
    /// Applies a sealed transaction: its frees are pending or reusable from now on, and its id is pinned. A crash may
    /// still undo it; that does no harm while the durable id is pinned.
    /// </summary>
    public void Publish()
    {
        RequireRunning();
        if (_plan is not { } plan)
        {
            throw new InvalidOperationException("The transaction is not sealed.");
        }

        ApplyToLogged(plan);
        _pending.Add(plan.Entries.Frees, _transaction);
        _freesPublished = plan.Entries.Frees.Length;
        _pending.Pins.Add(_transaction);
        ApplyNames(plan.Entries.Names);
        _log.Accept();
        _newest = _transaction;
        _changes.Clear();
        _frees.Clear();
        End();
    }

    /// <summary>
    /// Pins an id that is newer than every pin, as <see cref="Publish"/> does. Nothing older can be pinned: its pages
    /// may be gone.
    /// </summary>
    public void AddPin(ulong transactionId) => _pending.Pins.Add(transactionId);

    /// <summary>
    /// Releases every pin that is not in <paramref name="held"/>, and makes pages reusable that nothing holds any more.
    /// Work beyond some thousand entries is left to the next calls, or to a take that would have to grow the file.
    /// </summary>
    /// <param name="held">
    /// The ids that are held now, in any order, duplicates allowed: the newest published, the durable one, the commit
    /// in flight, what the reader table says. Ids that are not pinned are ignored: a reader that chose one tries again.
    /// The last id that was published to this class is held in any case.
    /// </param>
    /// <param name="durable">
    /// What every process sees at least, read before <paramref name="held"/> was collected: names that a later state
    /// took away still hold pages.
    /// </param>
    public void ReleaseUnheld(ReadOnlySpan<ulong> held, ulong durable = ulong.MaxValue)
    {
        _pending.ReleaseExcept(held, _newest, Math.Max(_tuning.DrainPerCommit, 2 * _freesPublished), durable);
        _freesPublished = 0;
    }

    private void ApplyNames(ReadOnlySpan<NamedPin> names)
    {
        foreach (var (tag, id) in names)
        {
            if (tag == LogTag.Pin)
            {
                _pending.Pins.AddName(id);
            }
            else
            {
                _pending.Pins.RemoveName(id, _transaction);
            }
        }
    }

    private PageSet CollectFree()
    {
        var all = _free.ToSet();
        foreach (var pin in _pending.Pins.Pins)
        {
            foreach (var entry in pin.Entries)
            {
                all.Add(entry.Pages);
            }
        }

        return all;
    }

    private void Undo(SpaceMark mark)
    {
        for (var i = _changes.Count - 1; i >= mark.Changes; i--)
        {
            var (kind, pages) = _changes[i];
            switch (kind)
            {
                case SpaceChangeKind.Take:
                    _free.Add(pages);
                    break;
                case SpaceChangeKind.Return:
                    _free.Remove(pages);
                    break;
                case SpaceChangeKind.Grow:
                    _zone.RemoveFrom(pages.Start);
                    _free.Remove(pages);
                    _pageCount = pages.Start;
                    break;
                default:
                    _free.Add(pages);
                    _pageCount = pages.End;
                    break;
            }
        }

        for (var i = mark.Frees; i < _frees.Count; i++)
        {
            _logged.Remove(_frees[i].Pages);
        }

        _changes.RemoveRange(mark.Changes, _changes.Count - mark.Changes);
        _frees.RemoveRange(mark.Frees, _frees.Count - mark.Frees);
        UndoKept(mark.Kept);
        ForgetFresh();
    }

    private void End()
    {
        _plan = null;
        _transaction = 0;
        _savepoints = 0;
        ForgetFresh();
    }

    private void RequireRunning()
    {
        if (_transaction == 0)
        {
            throw new InvalidOperationException("No transaction is running.");
        }
    }

    private void RequireUnsealed()
    {
        RequireRunning();
        if (_plan is not null)
        {
            throw new InvalidOperationException("The transaction is sealed.");
        }
    }
}
