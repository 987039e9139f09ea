namespace Engine.Space;

/// <summary>
/// Which pages a transaction holds in the end, out of its takes and returns. The lists are reused from commit to commit.
/// </summary>
internal sealed class NetTakes
{
    private readonly List<Extent> _held = [];
    private readonly List<(ulong Page, int Change)> _edges = [];

    /// <summary>What it holds below the limit, ascending.</summary>
    public List<Extent> Allocated { get; } = [];

    /// <summary>What it does not hold from the limit on, ascending.</summary>
    public List<Extent> Grown { get; } = [];

    /// <summary>Works it out.</summary>
    /// <param name="changes">What the transaction did.</param>
    /// <param name="limit">Pages from here on are not in the log before the transaction.</param>
    /// <param name="pageCount">The page count that the transaction leaves.</param>
    public void Compute(List<SpaceChange> changes, ulong limit, ulong pageCount)
    {
        _held.Clear();
        if (HasReturns(changes))
        {
            SubtractReturns(changes);
        }
        else
        {
            foreach (var change in changes)
            {
                if (change.Kind == SpaceChangeKind.Take)
                {
                    _held.Add(change.Pages);
                }
            }
        }

        ExtentList.Normalize(_held);
        Split(limit, pageCount);
    }

    private void Split(ulong limit, ulong pageCount)
    {
        Allocated.Clear();
        Grown.Clear();
        var next = limit;
        foreach (var extent in _held)
        {
            if (extent.Start < limit)
            {
                Allocated.Add(extent with { Length = Math.Min(extent.End, limit) - extent.Start });
            }

            if (extent.End > limit)
            {
                var start = Math.Max(extent.Start, limit);
                if (start > next)
                {
                    Grown.Add(new Extent(next, start - next));
                }

                next = extent.End;
            }
        }

        if (next < pageCount)
        {
            Grown.Add(new Extent(next, pageCount - next));
        }
    }

    private static bool HasReturns(List<SpaceChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.Kind == SpaceChangeKind.Return)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A page is held if it was taken once more than it was returned.</summary>
    private void SubtractReturns(List<SpaceChange> changes)
    {
        _edges.Clear();
        foreach (var (kind, pages) in changes)
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
                _held.Add(new Extent(_edges[i].Page, _edges[i + 1].Page - _edges[i].Page));
            }
        }
    }
}
