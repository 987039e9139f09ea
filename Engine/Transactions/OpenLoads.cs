namespace Engine.Transactions;

/// <summary>
/// The loads of trees that are under way in a write transaction, which is not committed before they end. They are held
/// weakly: a load holds its transaction, which is to be noticed when it is forgotten.
/// </summary>
internal sealed class OpenLoads
{
    private readonly List<OpenLoad> _open = [];

    /// <summary>The number of the load that was begun last.</summary>
    public int Last { get; private set; }

    /// <summary>A transaction begins.</summary>
    public void Clear()
    {
        _open.Clear();
        Last = 0;
    }

    /// <summary>A load begins, and gets its number.</summary>
    public void Begin(ILoad load)
    {
        load.Number = ++Last;
        _open.Add(new OpenLoad(load.Number, new WeakReference<ILoad>(load)));
    }

    /// <summary>A load ends.</summary>
    public void End(ILoad load) => _open.RemoveAll(open => open.Number == load.Number);

    /// <summary>Whether loads are open that were begun after one.</summary>
    public bool HasAfter(int number)
    {
        foreach (var load in _open)
        {
            if (load.Number > number)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Refuses what cannot be undone: entries that wait to be sorted are in no tree.</summary>
    public void RequireNothingToSort()
    {
        foreach (var open in _open)
        {
            if (open.Load.TryGetTarget(out var load) && load.IsSorting)
            {
                throw new InvalidOperationException(
                    "A bulk load of this transaction holds entries that are still to be sorted: they are in no tree, "
                    + "so a savepoint or a nested transaction could not bring them back. "
                    + "Call BulkLoader.Complete first.");
            }
        }
    }

    /// <summary>The numbers of the loads that are open, and how far they are; null if none is.</summary>
    public (int Load, long Added)[]? Mark()
    {
        if (_open.Count == 0)
        {
            return null;
        }

        var marks = new (int, long)[_open.Count];
        for (var i = 0; i < marks.Length; i++)
        {
            var (number, open) = _open[i];
            marks[i] = (number, open.TryGetTarget(out var load) ? load.Added : 0);
        }

        return marks;
    }

    /// <summary>
    /// Loads are again what they were when these were open. (Those of them that have ended since stay ended: all of
    /// their entries from before are in their trees.)
    /// </summary>
    public void RollBackTo((int Load, long Added)[]? loads)
    {
        for (var i = _open.Count - 1; i >= 0; i--)
        {
            var (number, open) = _open[i];
            open.TryGetTarget(out var load);
            var mark = loads is null ? -1 : Array.FindIndex(loads, mark => mark.Load == number);
            if (mark >= 0)
            {
                load?.RollBackTo(loads![mark].Added);
            }
            else
            {
                _open.RemoveAt(i);
                load?.Undo();
            }
        }
    }

    private readonly record struct OpenLoad(int Number, WeakReference<ILoad> Load);
}
