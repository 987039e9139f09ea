namespace Engine.Integrity;

/// <summary>
/// Which snapshots the free pages wait for (section 9): by the entry that freed them last they belong to those from
/// their birth on, up to the one before they were freed. Kept only of a file that has named snapshots, since it takes
/// about eight times as much memory as the space log has bytes.
/// </summary>
internal sealed class HeldPages
{
    private readonly List<Extent> _freed = [];

    /// <summary>Says that pages became free.</summary>
    public void Add(in LogEntry entry) =>
        _freed.Add(new Extent(entry.First, entry.Pages, entry.Birth, entry.Group));

    /// <summary>Of each free page only the last entry counts; to be called once the log was read.</summary>
    /// <param name="free">The free pages.</param>
    /// <param name="pageCount">All page numbers are below this.</param>
    public void Settle(PageSet free, ulong pageCount)
    {
        var decided = new PageSet(pageCount);
        var last = new List<Extent>();
        for (var i = _freed.Count - 1; i >= 0; i--)
        {
            var extent = _freed[i];
            var end = extent.First + extent.Pages;
            for (var first = decided.Next(extent.First, end, value: false); first < end;)
            {
                var next = decided.Next(first, end, value: true);
                Keep(extent, first, next);
                first = decided.Next(next, end, value: false);
            }

            decided.Add(extent.First, extent.Pages);
        }

        _freed.Clear();
        last.Sort(static (a, b) => a.First.CompareTo(b.First));
        _freed.AddRange(last);

        void Keep(in Extent extent, ulong from, ulong to)
        {
            for (var first = free.Next(from, to, value: true); first < to;)
            {
                var next = free.Next(first, to, value: false);
                last.Add(extent with { First = first, Pages = next - first });
                first = free.Next(next, to, value: true);
            }
        }
    }

    /// <summary>
    /// The first of some pages that does not wait for a snapshot as a page of this birth does;
    /// <see cref="PageSet.None"/> if all do.
    /// </summary>
    public ulong FindLoose(ulong first, ulong pages, ulong snapshot, ulong birth)
    {
        var end = first + pages;
        for (var i = IndexOf(first); first < end; i++)
        {
            if (i < 0 || i == _freed.Count)
                return first;
            var extent = _freed[i];
            if (first < extent.First || first - extent.First >= extent.Pages
                || extent.Birth > Math.Min(birth, snapshot) || snapshot >= extent.FreedIn)
            {
                return first;
            }

            first = extent.First + extent.Pages;
        }

        return PageSet.None;
    }

    /// <summary>The extent that begins at a page, or the last one before it; -1 if there is none.</summary>
    private int IndexOf(ulong page)
    {
        var at = 0;
        for (var end = _freed.Count; at < end;)
        {
            var middle = at + ((end - at) / 2);
            if (_freed[middle].First <= page)
                at = middle + 1;
            else
                end = middle;
        }

        return at - 1;
    }

    private readonly record struct Extent(ulong First, ulong Pages, ulong Birth, ulong FreedIn);
}
