namespace Engine;

/// <content>What changed.</content>
public readonly partial struct SnapshotMultiTree
{
    /// <summary>
    /// Copies of the pairs that were added and removed since another snapshot, ascending; read in pieces as the
    /// enumeration goes on. A state without the tree counts as one where it is empty.
    /// </summary>
    /// <param name="older">A snapshot of the same <see cref="Database"/>.</param>
    /// <exception cref="ArgumentException">It is one of another database.</exception>
    public IEnumerable<CopiedPairChange> ChangesSince(Snapshot older)
    {
        RequireSnapshot();
        _snapshot.RequireSameDatabase(older);
        return _snapshot.Changes(older, _tree);
    }
}
