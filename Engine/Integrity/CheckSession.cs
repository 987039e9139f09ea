namespace Engine.Integrity;

/// <summary>
/// What the parts of one check share: the file, the chosen meta, the sets of pages seen, and the counters.
/// </summary>
internal sealed class CheckSession
{
    private readonly IPageReader _reader;
    private readonly CheckProgress? _progress;

    /// <summary>Held while pages are claimed: several threads may.</summary>
    private readonly Lock _claims = new();

    /// <summary>The one that progress is reported on.</summary>
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private ulong _pagesChecked;

    public CheckSession(
        IPageReader reader,
        Geometry geometry,
        MetaSlot meta,
        ProblemList problems,
        CheckProgress? progress,
        CancellationToken cancellation)
    {
        _reader = reader;
        _progress = progress;
        Geometry = geometry;
        Meta = meta;
        Problems = problems;
        Cancellation = cancellation;
        Used = new PageSet(geometry.PageCount);
        Free = new PageSet(geometry.PageCount);
        Held = meta.HasNames ? new HeldPages() : null;
        State = StateRoots.Of(meta);
        var list = new RunListReader(reader, reader.Length, geometry.PageSize, cancellation);
        RunList = meta.IsVerified && list.Read(meta) is null ? new RunListMembers(meta, list.Runs) : null;
    }

    public Geometry Geometry { get; }

    public MetaSlot Meta { get; }

    /// <summary>Whether the file is of version 2.</summary>
    public bool IsOld => Meta.IsOld;

    public ProblemList Problems { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>Those who check leaves together; null if one thread checks everything.</summary>
    public CheckTeam? Team { get; set; }

    /// <summary>The run list of a verified meta; null for an ordered one, or if it cannot be read.</summary>
    public RunListMembers? RunList { get; }

    /// <summary>Pages of trees, of their overflow runs, of the log chain and of the list run.</summary>
    public PageSet Used { get; }

    /// <summary>Pages that are free by the space log.</summary>
    public PageSet Free { get; }

    /// <summary>What the free pages wait for; null of a file without named snapshots.</summary>
    public HeldPages? Held { get; }

    /// <summary>The states that the space log says are named.</summary>
    public NamedPins Pins { get; } = new();

    /// <summary>The state whose trees are walked: that of the meta, or that of a named snapshot.</summary>
    public StateRoots State { get; private set; }

    /// <summary>The named snapshot whose trees are walked; null for the state of the meta.</summary>
    public SnapshotPages? Snapshot { get; private set; }

    /// <summary>False once something could not be walked, so that pages below it were not seen.</summary>
    public bool AllReached { get; set; } = true;

    /// <summary>
    /// False if the space log could not be read to its end, so that <see cref="Free"/> is not to be relied on.
    /// </summary>
    public bool FreeIsKnown { get; set; } = true;

    public ulong LeafPages { get; set; }

    public ulong BranchPages { get; set; }

    public ulong OverflowPages { get; set; }

    public ulong LogPages { get; set; }

    public ulong ListPages { get; set; }

    public ulong FreePages { get; set; }

    public ulong LeakedPages { get; set; }

    /// <summary>Pages that named snapshots alone reach.</summary>
    public ulong SnapshotPages { get; set; }

    public ulong Snapshots { get; set; }

    public ulong Trees { get; set; }

    public ulong Entries { get; set; }

    /// <summary>Makes something that reads overflow runs, for one thread.</summary>
    public RunScanner NewRunScanner() => new(_reader, Geometry.PageSize);

    /// <summary>Reads one page that is known to exist.</summary>
    public void ReadPage(ulong page, Span<byte> buffer)
    {
        Advance(1);
        _reader.Read((long)page * Geometry.PageSize, buffer);
    }

    /// <summary>
    /// Reads pages ahead of their turn, that are known to exist; each is then to be taken with <see cref="CountPage"/>.
    /// </summary>
    public void ReadAhead(ulong first, Span<byte> buffer) => _reader.Read((long)first * Geometry.PageSize, buffer);

    /// <summary>A page that was read ahead is looked at.</summary>
    public void CountPage() => Advance(1);

    /// <summary>
    /// How many pages, from one on and one behind the other, exist and belong to no structure yet; at most so many.
    /// </summary>
    public int CountUnclaimed(ulong first, int most)
    {
        lock (_claims)
            return (int)(Used.Next(first, Math.Min(first + (ulong)most, Geometry.PageCount), value: true) - first);
    }

    /// <summary>Reads the start of a page, or of a run, that was read before.</summary>
    public void ReadKnown(ulong page, Span<byte> start)
    {
        Cancellation.ThrowIfCancellationRequested();
        _reader.Read((long)page * Geometry.PageSize, start);
    }

    /// <summary>Reads the header of an overflow run of so many pages, all of which are about to be read.</summary>
    public void ReadRunHeader(ulong page, ulong pages, Span<byte> header)
    {
        Advance(pages);
        _reader.Read((long)page * Geometry.PageSize, header);
    }

    /// <summary>From now on it is a named snapshot whose trees are walked.</summary>
    public void Enter(StateRoots state, SnapshotPages snapshot)
    {
        State = state;
        Snapshot = snapshot;
    }

    /// <summary>Counts what was found in a tree.</summary>
    public void Count(in TreeCounts counts)
    {
        if (Snapshot is not null)
            return;
        LeafPages += counts.LeafPages;
        BranchPages += counts.BranchPages;
        OverflowPages += counts.OverflowPages;
    }

    /// <summary>Counts a tree of the catalog.</summary>
    public void CountTree(ulong entries)
    {
        if (Snapshot is not null)
            return;
        Trees++;
        Entries += entries;
    }

    /// <summary>Something of the state could not be walked, so that pages below it were not seen.</summary>
    public void MissSomething() => AllReached &= Snapshot is not null;

    /// <summary>Called for every page, or overflow run, that was read and is what its reference means.</summary>
    public void CheckReached(IPlace place, ulong page, ulong pages, ulong birth)
    {
        if (Snapshot is { } snapshot)
            snapshot.CheckReached(place, page, pages, birth);
        else
            RunList?.CheckReached(this, place, page, pages, birth);
    }

    /// <summary>
    /// Whether pages of a named snapshot are those of another state that was walked before, so that they and all below
    /// them are known already.
    /// </summary>
    public bool IsKnown(ulong first, ulong pages)
    {
        if (Snapshot is not { } snapshot)
            return false;
        lock (_claims)
            return snapshot.IsKnown(first, pages);
    }

    /// <summary>Reads how the value of an overflow run begins, which was checked; false if there is none.</summary>
    public bool TryReadRunStart(ulong page, Span<byte> start)
    {
        if (!Geometry.Contains(page))
            return false;
        _reader.Read(((long)page * Geometry.PageSize) + FileFormat.HeaderLength, start);
        return true;
    }

    /// <summary>
    /// Takes pages for a structure. False, and a problem, if one of them belongs to a structure already: each page is
    /// visited once, which also ends every cycle.
    /// </summary>
    public bool Claim(IPlace place, ulong first, ulong pages)
    {
        lock (_claims)
            return ClaimAlone(place, first, pages);
    }

    /// <summary>Tells how far the check has come, if it is time. On the thread that began it.</summary>
    public void ReportProgress() => _progress?.Report(Interlocked.Read(ref _pagesChecked), Geometry.PageCount);

    /// <summary>Some of the pages that something would take belong to something else.</summary>
    public void ReportSecondUse(IPlace place, ulong taken, ulong takenPages, ulong first, ulong pages) =>
        Problems.Add(
            IntegrityRules.PageUsedTwice, place, taken, "pages that nothing else uses",
            pages == 1 ? "a second reference" : $"a second use by the run of {pages} pages from {first}",
            takenPages);

    private bool ClaimAlone(IPlace place, ulong first, ulong pages)
    {
        if (Snapshot is { } snapshot)
            return snapshot.Claim(place, first, pages);
        var end = first + pages;
        var taken = Used.Next(first, end, value: true);
        if (taken == end)
        {
            Used.Add(first, pages);
            return true;
        }

        var takenEnd = Used.Next(taken, end, value: false);
        Used.Add(first, pages);
        ReportSecondUse(place, taken, takenEnd - taken, first, pages);
        return false;
    }

    private void Advance(ulong pages)
    {
        Cancellation.ThrowIfCancellationRequested();
        Interlocked.Add(ref _pagesChecked, pages);
        if (_progress is not null && Environment.CurrentManagedThreadId == _thread)
            ReportProgress();
    }
}
