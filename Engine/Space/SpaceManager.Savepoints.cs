namespace Engine.Space;

/// <content>
/// Savepoints of the running transaction. A page that it had taken before a savepoint, written (spilled, or a large
/// value) and given up after it is not taken again while the savepoint stands: who rolls back reaches it again. A page
/// taken after the newest savepoint is nobody's once it is given up.
/// </content>
internal sealed partial class SpaceManager
{
    private readonly List<Extent> _kept = [];

    /// <summary>The pages of <see cref="_kept"/>.</summary>
    private readonly PageSet _keptPages = new();

    /// <summary>
    /// Pages that were taken after the newest savepoint, and not given up. Whoever undoes anything forgets them: then
    /// they are kept a while, which is right, too.
    /// </summary>
    private PageSet _fresh = new();
    private int _savepoints;

    /// <summary>Sets a savepoint.</summary>
    public SpaceMark SetSavepoint()
    {
        RequireUnsealed();
        _savepoints++;
        ForgetFresh();
        return Mark();
    }

    /// <summary>Undoes what the running transaction did since a savepoint, which stays and is the newest one.</summary>
    /// <param name="mark">The savepoint's.</param>
    /// <param name="savepoints">How many there are, it included.</param>
    public void RollBackToSavepoint(SpaceMark mark, int savepoints)
    {
        RollBackTo(mark);
        _savepoints = savepoints;
    }

    /// <summary>So many savepoints are left. After the last one, what was kept for them can be taken again.</summary>
    public void KeepSavepoints(int savepoints)
    {
        RequireUnsealed();
        _savepoints = savepoints;
        if (savepoints == 0)
        {
            ReleaseSavepoints();
        }
    }

    /// <summary>
    /// Sets aside what the running transaction has given up since its oldest savepoint, so that what came before can be
    /// sealed alone. It has taken nothing since then.
    /// </summary>
    /// <param name="marks">Its savepoints, ascending.</param>
    public SuspendedFrees Suspend(ReadOnlySpan<SpaceMark> marks)
    {
        RequireUnsealed();
        if (_changes.Count != marks[0].Changes)
        {
            throw new InvalidOperationException("The transaction has taken pages since its savepoint.");
        }

        var segments = new List<PendingExtent>[marks.Length];
        for (var i = 0; i < marks.Length; i++)
        {
            var end = i + 1 < marks.Length ? marks[i + 1] : Mark();
            var segment = _frees.GetRange(marks[i].Frees, end.Frees - marks[i].Frees);
            foreach (var kept in _kept.GetRange(marks[i].Kept, end.Kept - marks[i].Kept))
            {
                segment.Add(new PendingExtent(kept, _transaction));
            }

            segments[i] = segment;
        }

        // Nothing is kept for those before: their savepoints have gone.
        Undo(marks[0]);
        _savepoints = 0;
        return new SuspendedFrees(segments);
    }

    /// <summary>
    /// The running transaction is what was set aside, on top of what was sealed and published meanwhile.
    /// </summary>
    /// <param name="replaced">Pages of the sealed one that it has already replaced.</param>
    /// <param name="birth">The sealed one.</param>
    /// <param name="frees">What was set aside.</param>
    /// <returns>Its savepoints, ascending.</returns>
    public SpaceMark[] Resume(List<(ulong Page, ulong Pages)> replaced, ulong birth, SuspendedFrees frees)
    {
        foreach (var (page, pages) in replaced)
        {
            Free(new Extent(page, pages), birth);
        }

        var marks = new SpaceMark[frees.Segments.Length];
        for (var i = 0; i < marks.Length; i++)
        {
            marks[i] = SetSavepoint();
            foreach (var (pages, born) in frees.Segments[i])
            {
                Free(pages, born);
            }
        }

        return marks;
    }

    private void ReleaseSavepoints()
    {
        _savepoints = 0;
        ForgetFresh();
        foreach (var pages in _kept)
        {
            _keptPages.Remove(pages);
            Return(pages);
        }

        _kept.Clear();
    }

    private void ReturnOrKeep(Extent pages)
    {
        if (_savepoints == 0)
        {
            Return(pages);
        }
        else if (_fresh.ContainsAll(pages))
        {
            _fresh.Remove(pages);
            Return(pages);
        }
        else
        {
            _kept.Add(pages);
            _keptPages.Add(pages);
        }
    }

    private void Return(Extent pages)
    {
        _free.Add(pages);
        _changes.Add(new SpaceChange(SpaceChangeKind.Return, pages));
    }

    private void NoteTake(Extent pages)
    {
        if (_savepoints > 0)
        {
            _fresh.Add(pages);
        }
    }

    private void ForgetFresh()
    {
        if (_fresh.Count > 0)
        {
            _fresh = new PageSet();
        }
    }

    private void UndoKept(int kept)
    {
        for (var i = kept; i < _kept.Count; i++)
        {
            _keptPages.Remove(_kept[i]);
        }

        _kept.RemoveRange(kept, _kept.Count - kept);
    }
}
