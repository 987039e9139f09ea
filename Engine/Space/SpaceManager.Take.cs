using System.Numerics;

namespace Engine.Space;

/// <content>Taking pages.</content>
internal sealed partial class SpaceManager
{
    /// <summary>The zone may hold four times the live branch pages …</summary>
    private const ulong ZoneCapacityFactor = 4;

    /// <summary>… and three times of free pages, but not more than one page in 32 of the file.</summary>
    private const ulong ZoneFreeFactor = 3;
    private const ulong ZoneShare = 32;

    /// <summary>
    /// Many branches are first taken in runs of at least so many pages. The zone grows before shorter ones are used …
    /// </summary>
    private const int ZoneLongRun = BranchZone.ExtentPages / 2;

    /// <summary>
    /// … but not shorter than this: they would cost as many writes as pages anywhere, and the zone would have none for
    /// the next commit.
    /// </summary>
    private const int ZoneShortRun = 4;

    /// <summary>A word is worth having in the zone if that many of its pages are free.</summary>
    private const int ZoneWordMinimumFree = 40;

    /// <summary>Words that are looked at when the zone wants another one.</summary>
    private const int ZoneSearchLimit = 256;

    /// <summary>
    /// A transaction that takes one leaf in so many pages of the file, or more, finds its own pages again soon, and
    /// they are worth some room.
    /// </summary>
    private const ulong LargeShare = 32;

    /// <summary>Where one page is free for so many that are taken, or less, it is a few writes to use them.</summary>
    private const ulong FewShare = 8;

    private bool _isZoneChosen;
    private int _zoneSearch;

    /// <summary>The page behind the last extent that was taken: a good place for what is written with it.</summary>
    private ulong _lastEnd;

    /// <summary>Takes consecutive pages for a large value. The file grows if there is no such run.</summary>
    /// <exception cref="DatabaseFullException">The file would have more pages than this version can manage.</exception>
    public Extent TakeRun(ulong pages)
    {
        RequireUnsealed();
        ArgumentOutOfRangeException.ThrowIfZero(pages);
        Extent run;
        while (!_free.TryTakeRun(pages, out run))
        {
            if (_pending.Backlog > 0)
            {
                _pending.Drain(_tuning.DrainPerCommit);
                continue;
            }

            var tail = _free.CountRunBelow(_pageCount, visibleOnly: true);
            Grow(pages - Math.Min(tail, pages - 1));
        }

        return Record(run);
    }

    /// <summary>
    /// Takes pages for leaves: the leftmost run that holds all, or else the longest ones, then the end of the file. A
    /// large transaction leaves as many pages free as it takes, if only short runs are left, and has the file grow
    /// instead: where there is some room, pages that are freed meet others, and what lies together is one write.
    /// </summary>
    /// <param name="pages">How many.</param>
    /// <param name="into">Gets the extents behind what it holds, ascending, joined where they touch.</param>
    /// <exception cref="DatabaseFullException">The file would have more pages than this version can manage.</exception>
    public void TakeLeaves(ulong pages, List<Extent> into)
    {
        RequireUnsealed();
        var from = into.Count;
        TakeAnywhere(pages, into, mayUseZone: AvoidGrowth, RoomBeside(pages));
        ExtentList.Normalize(into, from);
    }

    /// <summary>
    /// Takes pages for branches: consecutive ones of the branch zone if they are few. Before the file grows, every
    /// free page of the zone is used.
    /// </summary>
    /// <param name="pages">How many.</param>
    /// <param name="liveBranchPages">Branch pages of all trees now; the size of the zone follows it.</param>
    /// <param name="into">Gets the extents behind what it holds, ascending, joined where they touch.</param>
    /// <exception cref="DatabaseFullException">The file would have more pages than this version can manage.</exception>
    public void TakeBranches(ulong pages, ulong liveBranchPages, List<Extent> into)
    {
        RequireUnsealed();
        FitZone(liveBranchPages);
        var from = into.Count;
        var rest = TakeZoneRuns(pages, ZoneLongRun, into);
        while (rest > 0 && TryExtendZone(liveBranchPages))
        {
            rest = TakeZoneRuns(rest, ZoneLongRun, into);
        }

        TakeTogether(TakeZoneRuns(rest, ZoneShortRun, into), into);
        ExtentList.Normalize(into, from);
    }

    /// <summary>
    /// Takes pages of the zone in the longest runs that it has, none of them shorter than some pages, unless it is the
    /// last one.
    /// </summary>
    /// <returns>How many are still to be had.</returns>
    private ulong TakeZoneRuns(ulong pages, int shortest, List<Extent> into)
    {
        for (var length = BranchZone.ExtentPages; pages > 0;)
        {
            length = (int)Math.Min((ulong)length, pages);
            if (_zone.TryTakeRun(length, out var run))
            {
                into.Add(Record(run));
                pages -= run.Length;
            }
            else if (length <= shortest)
            {
                break;
            }
            else
            {
                length = Math.Max(length / 2, shortest);
            }
        }

        return pages;
    }

    /// <summary>Takes few pages in one run if there is one, without changing the zone.</summary>
    private void TakeTogether(ulong pages, List<Extent> into)
    {
        if (pages == 0)
        {
            return;
        }

        if (pages <= ZoneLongRun && _zone.TryTakeRun((int)pages, out var run))
        {
            into.Add(Record(run));
            return;
        }

        run = new Extent(_lastEnd, pages);
        if (pages <= ZoneLongRun && _zone.Capacity == 0 && _free.ContainsAll(run))
        {
            _free.Remove(run);
            into.Add(Record(run));
            return;
        }

        TakeAnywhere(pages, into, mayUseZone: true);
    }

    /// <summary>How many pages shall be free beside some that are taken, before short runs are.</summary>
    private ulong RoomBeside(ulong pages)
    {
        var isLarge = pages >= 2 * _tuning.ShortRun && pages * LargeShare >= _pageCount;
        return isLarge && !AvoidGrowth && pages <= FreeMap.MaxPages - _pageCount ? pages : 0;
    }

    /// <param name="pages">How many.</param>
    /// <param name="into">Gets the extents.</param>
    /// <param name="mayUseZone">Whether pages of the zone are taken before the file grows.</param>
    /// <param name="room">So many other pages shall be free before runs are taken that are short.</param>
    private void TakeAnywhere(ulong pages, List<Extent> into, bool mayUseZone, ulong room = 0)
    {
        var from = into.Count;
        while (_free.VisibleCount < pages + room && _pending.Backlog > 0)
        {
            _pending.Drain(_tuning.DrainPerCommit);
        }

        // Few pages are few writes, however scattered: then none are left for the file to grow.
        var isRoomShort = _free.VisibleCount < pages + room && _free.VisibleCount >= pages / FewShare;
        pages = _free.TakeBest(pages, into, room > 0 && isRoomShort ? _tuning.ShortRun : 1);
        if (pages > 0 && mayUseZone)
        {
            pages = _zone.TakePieces(pages, into);
        }

        RecordFrom(into, from);
        if (pages > 0)
        {
            // Of what is free at the end, a part of what is taken; no more than that, so it grows.
            var tail = Math.Min(_free.CountRunBelow(_pageCount, visibleOnly: true), pages - 1);
            var run = new Extent(_pageCount - tail, pages);
            Grow(pages - tail);
            _free.Remove(run);
            into.Add(Record(run));
        }
    }

    private Extent Record(Extent run)
    {
        _changes.Add(new SpaceChange(SpaceChangeKind.Take, run));
        NoteTake(run);
        _lastEnd = run.End;
        return run;
    }

    private void RecordFrom(List<Extent> list, int from)
    {
        for (var i = from; i < list.Count; i++)
        {
            Record(list[i]);
        }
    }

    /// <summary>Raises the page count; the new pages are in the free map.</summary>
    private void Grow(ulong pages)
    {
        if (pages > FreeMap.MaxPages - _pageCount)
        {
            throw new DatabaseFullException(
                $"The database would need more than {FreeMap.MaxPages} pages. The transaction can only be aborted.");
        }

        var added = new Extent(_pageCount, pages);
        _free.Add(added);
        _pageCount += pages;
        _changes.Add(new SpaceChange(SpaceChangeKind.Grow, added));
    }

    /// <summary>How many free pages the zone is meant to have.</summary>
    private ulong ZoneFreeTarget(ulong liveBranchPages) =>
        Math.Min(ZoneFreeFactor * liveBranchPages, _pageCount / ZoneShare);

    /// <summary>Chooses the zone after open, and gives back what is far more than the trees need.</summary>
    private void FitZone(ulong liveBranchPages)
    {
        if (AvoidGrowth || _pageCount < _tuning.ZoneMinimumPages)
        {
            DissolveZone();
            return;
        }

        if (!_isZoneChosen)
        {
            _isZoneChosen = true;
            ChooseZone(ZoneFreeTarget(liveBranchPages));
            return;
        }

        // A factor of two of slack, so that a zone does not come and go around the border.
        var capacity = 2 * Math.Max(ZoneCapacityFactor * liveBranchPages, BranchZone.ExtentPages);
        var free = 2 * Math.Max(ZoneFreeTarget(liveBranchPages), BranchZone.ExtentPages);
        for (var i = 0; i < ZoneSearchLimit && (_zone.Capacity > capacity || _free.ReservedCount > free); i++)
        {
            _zone.RemoveLast(1);
        }
    }

    private void DissolveZone()
    {
        _zone.RemoveLast(_zone.Words.Count);
        _isZoneChosen = false;
    }

    /// <summary>Takes the words with the most free pages until the zone has enough of them.</summary>
    private void ChooseZone(ulong freeTarget)
    {
        Span<ulong> pagesByCount = stackalloc ulong[BranchZone.ExtentPages + 1];
        pagesByCount.Clear();
        for (var word = 0; word < _free.WordCount; word++)
        {
            var count = BitOperations.PopCount(_free.GetWord(word));
            pagesByCount[count] += (ulong)count;
        }

        var bar = BranchZone.ExtentPages;
        for (ulong pages = pagesByCount[bar];
            pages < freeTarget && bar > ZoneWordMinimumFree;
            pages += pagesByCount[bar])
        {
            bar--;
        }

        for (var word = 0; word < _free.WordCount && _free.ReservedCount + (ulong)bar <= freeTarget; word++)
        {
            if (BitOperations.PopCount(_free.GetWord(word)) >= bar)
            {
                _zone.Add(word);
            }
        }
    }

    /// <summary>
    /// Adds an extent to the zone, if the zone may grow: from a long free run, or a word that is mostly free, or else
    /// from the end of the file. Where free pages are scattered there is no other, and what the file grows by is
    /// bounded.
    /// </summary>
    private bool TryExtendZone(ulong liveBranchPages)
    {
        if (!_isZoneChosen
            || _zone.Capacity + BranchZone.ExtentPages > ZoneCapacityFactor * liveBranchPages
            || _free.ReservedCount + ZoneWordMinimumFree > ZoneFreeTarget(liveBranchPages))
        {
            return false;
        }

        // A run of 127 pages always holds an aligned extent.
        if (_free.TryFindRun((2 * BranchZone.ExtentPages) - 1, out var start))
        {
            _zone.Add((int)((start + BranchZone.ExtentPages - 1) / BranchZone.ExtentPages));
        }
        else if (!TryAddBestWord())
        {
            if (_pending.Backlog > 0)
            {
                // There may be such a word when all is looked at, which this is not worth.
                return false;
            }

            var word = (_pageCount + BranchZone.ExtentPages - 1) / BranchZone.ExtentPages;
            Grow(((word + 1) * BranchZone.ExtentPages) - _pageCount);
            _zone.Add((int)word);
        }

        return true;
    }

    /// <summary>Looks at some words, and adds the one with the most free pages to the zone.</summary>
    private bool TryAddBestWord()
    {
        var best = -1;
        var bestCount = ZoneWordMinimumFree - 1;
        for (var i = 0; i < Math.Min(ZoneSearchLimit, _free.WordCount); i++)
        {
            _zoneSearch = _zoneSearch + 1 < _free.WordCount ? _zoneSearch + 1 : 0;
            var count = BitOperations.PopCount(_free.GetWord(_zoneSearch));
            if (count > bestCount && !_free.IsReserved(_zoneSearch))
            {
                best = _zoneSearch;
                bestCount = count;
            }
        }

        if (best >= 0)
        {
            _zone.Add(best);
        }

        return best >= 0;
    }
}
