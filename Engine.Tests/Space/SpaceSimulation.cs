using Engine.Pages;
using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>
/// A writer's life around a <see cref="SpaceManager"/>, kept beside a naive model: for each snapshot that someone
/// holds, the set of its pages. Every step is followed by a comparison of the two.
/// </summary>
internal sealed partial class SpaceSimulation
{
    private readonly Random _random;
    private readonly int _pageSize;
    private readonly SpaceTuning _tuning;
    private readonly ulong _firstPage;
    private readonly Dictionary<ulong, byte[]> _disk = [];

    /// <summary>Per held id: which pages belong to that snapshot, log pages included.</summary>
    private readonly Dictionary<ulong, bool[]> _snapshots = [];

    private readonly List<ulong> _readers = [];

    /// <summary>The savepoints of the running transaction, with the pages in use at each.</summary>
    private readonly List<(SpaceMark Mark, Dictionary<ulong, ulong> Used, PageState[] States)> _savepoints = [];

    /// <summary>Pages in use by trees, with their births.</summary>
    private Dictionary<ulong, ulong> _used = [];

    private List<ulong> _usedList = [];

    /// <summary>Pages of the log chain, newest state.</summary>
    private HashSet<ulong> _chain = [];

    private Meta _newestMeta;
    private (Meta Meta, Dictionary<ulong, ulong> Used, HashSet<ulong> Chain) _durable;
    private (Meta Meta, Dictionary<ulong, ulong> Used, HashSet<ulong> Chain)? _inFlight;
    private ulong _published = 1;
    private ulong _nextId = 2;

    public SpaceSimulation(int seed, int pageSize, SpaceTuning tuning)
    {
        _tuning = tuning;
        _random = new Random(seed);
        _pageSize = pageSize;
        _firstPage = PageLayout.FirstPage(pageSize);
        _newestMeta = Meta.Initial(pageSize);
        _durable = (_newestMeta, [], []);
        _snapshots[1] = [];
        _names[1] = [];
        Space = Open(_newestMeta, []);
    }

    public SpaceManager Space { get; private set; }

    public Meta NewestMeta => _newestMeta;

    public int UsedPages => _used.Count;

    /// <summary>Log pages written so far.</summary>
    public int LogPagesWritten { get; private set; }

    /// <summary>How often the chain of log pages was replaced.</summary>
    public int Condensations { get; private set; }

    /// <summary>How often a sealed transaction went on.</summary>
    public int SealsUndone { get; private set; }

    /// <summary>How often what it had condensed was restored.</summary>
    public int CondensationsUndone { get; private set; }

    /// <summary>How often savepoints were rolled back to.</summary>
    public int RollBacks { get; private set; }

    /// <summary>How often pages were given up that a savepoint kept.</summary>
    public int PagesKept { get; private set; }

    /// <summary>How often the page count was lowered.</summary>
    public int Cuts { get; private set; }

    /// <summary>How often a take drained released buckets and still had to grow the file.</summary>
    public int DrainsBeforeGrowth { get; private set; }

    /// <summary>How often branches came in one run out of the zone.</summary>
    public int ZoneRuns { get; private set; }

    /// <summary>The share of transactions that free everything they can.</summary>
    public int MassFreeOneIn { get; init; } = 40;

    public ReadOnlySpan<byte> ReadPage(ulong page) => _disk[page];

    /// <summary>Opens a manager over the simulated disk.</summary>
    public SpaceManager Open(Meta meta, ulong[] pins) => SpaceManager.Open(meta, _pageSize, ReadPage, pins, _tuning);

    /// <summary>One transaction with so many takes and frees; what becomes of it is drawn.</summary>
    public void RunTransaction(int maxTakes, int maxFrees, int maxRun)
    {
        var before = Describe(Space);
        var id = _nextId;
        Space.Begin(id);
        var used = new Dictionary<ulong, ulong>(_used);
        var list = new List<ulong>(_usedList);
        var touched = 0;
        var pieces = _random.Next(4) == 0 ? _random.Next(4, 9) : _random.Next(1, 4);
        for (var i = 0; i < pieces; i++)
        {
            if (_random.Next(12) == 0)
            {
                RollBackPart(id, used, list, maxTakes, maxFrees, maxRun);
            }

            touched += ChangePages(id, used, list, maxTakes, maxFrees, maxRun);
            MoveSavepoints(ref used, ref list);
            if (_random.Next(3) == 0)
            {
                CompleteFlight();
            }
        }

        if (_random.Next(8) == 0)
        {
            Abort(before);
            return;
        }

        Space.KeepSavepoints(0);
        _savepoints.Clear();
        CompleteFlight();
        while (_random.Next(6) == 0)
        {
            SealInVain(id, used, list, maxTakes, maxRun);
        }

        var names = ChangeNames(id);
        var sealedSpace = Space.Seal(names);
        if (_random.Next(10) == 0)
        {
            Abort(before);
            return;
        }


        Accept(id, sealedSpace, names, used, list);
    }

    /// <summary>Opens a reader of what is published, or of what is named.</summary>
    public void OpenReader()
    {
        var names = _names[_published];
        _readers.Add(names.Count > 0 && _random.Next(3) == 0 ? names[_random.Next(names.Count)] : _published);
    }

    public void CloseReader()
    {
        if (_readers.Count > 0)
        {
            _readers.RemoveAt(_random.Next(_readers.Count));
            Release();
        }
    }

    /// <summary>The process dies: what was not durable is gone, readers of other processes stay.</summary>
    public void Crash()
    {
        _inFlight = null;
        _newestMeta = _durable.Meta;
        _used = new Dictionary<ulong, ulong>(_durable.Used);
        _usedList = [.. _used.Keys];
        _chain = [.. _durable.Chain];
        _published = _newestMeta.Id;
        _readers.RemoveAll(id => id > _published);
        foreach (var id in _names.Keys.Where(id => id > _published).ToList())
        {
            _names.Remove(id);
        }

        Space = Open(_newestMeta, [.. _readers]);
        Release();
    }

    private int ChangePages(
        ulong id, Dictionary<ulong, ulong> used, List<ulong> list, int maxTakes, int maxFrees, int maxRun)
    {
        var frees = _random.Next(MassFreeOneIn) == 0
            ? list.Count - _random.Next(maxFrees + 1)
            : _random.Next(maxFrees + 1);
        for (var i = 0; i < frees && list.Count > 0; i++)
        {
            FreeSome(used, list);
        }

        Take(id, (ulong)_random.Next(maxTakes + 1), used, list, maxRun);
        return frees;
    }

    private void FreeSome(Dictionary<ulong, ulong> used, List<ulong> list)
    {
        // The list may name pages that went with an earlier one's run.
        var index = _random.Next(list.Count);
        var page = list[index];
        list[index] = list[^1];
        list.RemoveAt(list.Count - 1);
        if (!used.TryGetValue(page, out var birth))
        {
            return;
        }

        ulong length = 1;
        while (_random.Next(3) > 0 && used.TryGetValue(page + length, out var next) && next == birth)
        {
            length++;
        }

        Space.Free(new Extent(page, length), birth);
        for (ulong i = 0; i < length; i++)
        {
            used.Remove(page + i);
        }
    }

    private void Take(ulong id, ulong pages, Dictionary<ulong, ulong> used, List<ulong> list, int maxRun)
    {
        var (pageCount, backlog) = (Space.PageCount, Space.Backlog);
        var (reusable, visible) = (Space.ReusablePages, Space.VisiblePages);
        var (zonePages, reusableZonePages) = (Space.CountZonePages(), Space.CountReusableZonePages());
        var taken = new List<Extent>();
        ulong allowedGrowth;
        switch (_random.Next(3))
        {
            case 0:
                pages = (ulong)_random.Next(1, maxRun + 1);
                allowedGrowth = Space.Parts.Free.LongestRun >= pages ? 0 : pages;
                taken.Add(Space.TakeRun(pages));
                break;
            case 1:
                Space.TakeLeaves(pages, taken);
                var hasRoom = pages < 2 * _tuning.ShortRun || pages * 32 < pageCount || visible >= 2 * pages;
                allowedGrowth = !hasRoom ? pages : pages > visible ? pages - visible : 0;
                break;
            default:
                var branches = (ulong)used.Count / 20;
                Space.TakeBranches(pages, branches, taken);
                var zoneTarget = Math.Min(3 * branches, pageCount / 32);
                var zoneMayGrow = pageCount >= 1024
                    && reusableZonePages < zoneTarget + pages
                    && zonePages < 4 * branches;
                allowedGrowth = (zoneMayGrow ? zoneTarget + pages + 127 : 0)
                    + (pages > reusable ? pages - reusable : 0);
                break;
        }

        if (backlog > 0 && Space.PageCount > pageCount)
        {
            // The rest of the buckets was looked at before the file grew, so what was there counts as well.
            Assert.That(Space.Backlog, Is.Zero, "released buckets are drained before the file grows");
            DrainsBeforeGrowth++;
        }

        var isOneZoneRun = taken.Count == 1 && pages > 1 && zonePages > 0
            && Space.CountReusableZonePages() + pages == reusableZonePages;
        ZoneRuns += isOneZoneRun ? 1 : 0;
        var growth = Space.PageCount - pageCount;
        Assert.That(growth, Is.LessThanOrEqualTo(allowedGrowth), "the file grows only when it must");
        Assert.That(taken.Sum(run => (long)run.Length), Is.EqualTo((long)pages));
        var isHeld = HeldPages((int)Space.PageCount);
        ulong last = 0;
        foreach (var run in taken)
        {
            Assert.That(run.Start, Is.GreaterThan(last), "ascending and joined");
            last = run.End;
            for (var page = run.Start; page < run.End; page++)
            {
                if (!used.TryAdd(page, id) || _used.ContainsKey(page) || _chain.Contains(page) || isHeld[page]
                    || _savepoints.Exists(saved => saved.Used.ContainsKey(page)))
                {
                    Assert.Fail(
                        $"Page {page} was taken although it was in use, or belongs to a pinned snapshot or savepoint.");
                }

                list.Add(page);
            }
        }
    }

    private void RollBackPart(
        ulong id, Dictionary<ulong, ulong> used, List<ulong> list, int maxTakes, int maxFrees, int maxRun)
    {
        var mark = Space.Mark();
        var count = Space.PageCount;
        var before = Describe(Space);
        ChangePages(id, new Dictionary<ulong, ulong>(used), [.. list], maxTakes, maxFrees, maxRun);
        Space.RollBackTo(mark);
        Assert.That(Space.PageCount, Is.EqualTo(count));
        var after = Describe(Space);
        RequireReusableStay(before, after);
        Assert.That(HaveSameFreePages(after, before), "a rollback changes nothing else");
    }

    /// <summary>Sets a savepoint, rolls back to one, or releases the newest, each now and then.</summary>
    private void MoveSavepoints(ref Dictionary<ulong, ulong> used, ref List<ulong> list)
    {
        switch (_random.Next(5))
        {
            case 0 or 1:
                _savepoints.Add((Space.SetSavepoint(), new(used), Describe(Space)));
                break;
            case 2 when _savepoints.Count > 0:
                var to = _random.Next(_savepoints.Count);
                var (mark, usedThen, before) = _savepoints[to];
                _savepoints.RemoveRange(to + 1, _savepoints.Count - to - 1);
                Space.RollBackToSavepoint(mark, to + 1);
                var after = Describe(Space);
                RequireReusableStay(before, after);
                Assert.That(HaveSameFreePages(after, before), "a rollback brings the savepoint's pages back");
                (used, list) = (new(usedThen), [.. usedThen.Keys]);
                RollBacks++;
                break;
            case 3 when _savepoints.Count > 0:
                var reusable = Space.ReusablePages;
                _savepoints.RemoveAt(_savepoints.Count - 1);
                Space.KeepSavepoints(_savepoints.Count);
                PagesKept += Space.ReusablePages > reusable ? 1 : 0;
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Takes and seals, and undoes both: the pages could not be written, and the transaction tries again.
    /// </summary>
    private void SealInVain(ulong id, Dictionary<ulong, ulong> used, List<ulong> list, int maxTakes, int maxRun)
    {
        var mark = Space.Mark();
        var count = Space.PageCount;
        var before = Describe(Space);
        Take(id, (ulong)_random.Next(maxTakes + 1), new Dictionary<ulong, ulong>(used), [.. list], maxRun);
        if (_random.Next(4) > 0)
        {
            var sealedSpace = Space.Seal(ChangeNames(id));
            var kept = sealedSpace.LogPages - (uint)sealedSpace.NewLogPages.Length;
            CondensationsUndone += kept < _newestMeta.LogPages ? 1 : 0;
            SealsUndone++;
        }

        Space.Unseal(mark);
        Assert.That(Space.PageCount, Is.EqualTo(count));
        var after = Describe(Space);
        RequireReusableStay(before, after);
        Assert.That(HaveSameFreePages(after, before), "an undone seal changes nothing else");
    }

    private void Abort(PageState[]? before)
    {
        Space.Abort();
        _savepoints.Clear();
        Assert.That(Space.PageCount, Is.EqualTo(_newestMeta.PageCount));
        if (before is not null)
        {
            Assert.That(HaveSameFreePages(Describe(Space), before), "an abort changes nothing");
        }

        Check();
        CheckReplay();
    }

    private void Accept(
        ulong id,
        SealedSpace sealedSpace,
        List<NamedPin> names,
        Dictionary<ulong, ulong> used,
        List<ulong> list)
    {
        var meta = SpaceMetas.Create(id, sealedSpace);
        LogPagesWritten += sealedSpace.NewLogPages.Length;
        Condensations += meta.LogPages - (uint)sealedSpace.NewLogPages.Length < _newestMeta.LogPages ? 1 : 0;
        Cuts += meta.PageCount < _newestMeta.PageCount ? 1 : 0;
        var isHeld = HeldPages((int)meta.PageCount);
        foreach (var image in sealedSpace.NewLogPages.Span)
        {
            Assert.That(
                used.ContainsKey(image.Page) || _used.ContainsKey(image.Page),
                Is.False,
                "log pages get pages of their own");
            Assert.That(isHeld[image.Page], Is.False, "log pages spare pinned snapshots");
            _disk[image.Page] = image.Bytes.ToArray();
        }

        Space.Publish();
        Rename(id, names);
        _nextId = id + 1;
        _newestMeta = meta;
        _used = used;
        _usedList = list;
        _chain = ReadChain(meta);
        _snapshots[id] = new bool[meta.PageCount];
        foreach (var page in _used.Keys.Concat(_chain))
        {
            _snapshots[id][page] = true;
        }

        var kind = _random.Next(3);
        if (kind == 0)
        {
            // Deferred: visible at once, durable some time later.
            _published = id;
        }
        else
        {
            _inFlight = (meta, new Dictionary<ulong, ulong>(used), [.. _chain]);
            if (kind == 1)
            {
                CompleteFlight();
            }
        }

        Release();
        Check();
        CheckReplay();
    }

    private void CompleteFlight()
    {
        if (_inFlight is { } flight)
        {
            _inFlight = null;
            _durable = flight;
            _published = flight.Meta.Id;
            Release();
        }
    }

    private void Release()
    {
        Space.ReleaseUnheld(HeldByOthers(), _durable.Meta.Id);
        foreach (var id in _names.Keys.Where(id => id < _durable.Meta.Id).ToList())
        {
            _names.Remove(id);
        }

        var held = Held();
        foreach (var id in _snapshots.Keys.Except(held).ToList())
        {
            _snapshots.Remove(id);
        }
    }

    /// <summary>
    /// What is pinned: by readers and so on, and by the names of every state that may still be found.
    /// </summary>
    private ulong[] Held() => [.. HeldByOthers().Union(_names.Values.SelectMany(static names => names))];

    private ulong[] HeldByOthers()
    {
        var ids = new HashSet<ulong>(_readers) { _published, _durable.Meta.Id, _newestMeta.Id };
        if (_inFlight is { } flight)
        {
            ids.Add(flight.Meta.Id);
        }

        return [.. ids.OrderBy(static id => id % 7)];
    }

    private HashSet<ulong> ReadChain(Meta meta)
    {
        var chain = new HashSet<ulong>();
        for (var page = meta.LogPage; page != 0; page = LogPage.ReadPrevious(_disk[page]))
        {
            chain.Add(page);
        }

        return chain;
    }

}
