namespace Engine;

/// <content>What changed.</content>
public readonly partial struct SnapshotTree
{
    /// <summary>
    /// Copies of the entries that were added, changed and removed since another snapshot, ascending; read in pieces as
    /// the enumeration goes on. A state without the tree counts as one where it is empty. The enumeration throws <see
    /// cref="DatabaseCorruptException"/> and <see cref="ObjectDisposedException"/>, as <see cref="All"/> does.
    /// </summary>
    /// <param name="older">A snapshot of the same <see cref="Database"/>.</param>
    /// <exception cref="ArgumentException">It is one of another database.</exception>
    public IEnumerable<CopiedChange> ChangesSince(Snapshot older)
    {
        RequireSnapshot();
        _snapshot.RequireSameDatabase(older);
        return _snapshot.Changes(older, _tree, _tree);
    }
}
