namespace Engine;

/// <content>What changed.</content>
public sealed partial class Snapshot
{
    private const int PieceSize = 100;

    /// <summary>
    /// The trees that were created, dropped, renamed or changed since another snapshot, as <see
    /// cref="ReadTransaction.GetChangedTrees"/> tells.
    /// </summary>
    /// <param name="older">A snapshot of the same <see cref="Database"/>.</param>
    /// <param name="includeInternal">
    /// Whether those are wanted, too, that follow from others: indexes, and trees whose names begin with
    /// <c>engine:</c>; and those of which nothing but the <see cref="ChangedTree.Definition"/> is another one.
    /// </param>
    /// <exception cref="ArgumentException">The older one is of another database.</exception>
    /// <exception cref="ObjectDisposedException">
    /// One of the snapshots was disposed, or the database was closed.
    /// </exception>
    /// <example>
    /// <code>
    /// using var before = db.OpenSnapshot();
    /// await Task.Delay(1000);
    /// using var now = db.OpenSnapshot();
    /// foreach (var tree in now.GetChangedTrees(before))
    /// {
    ///     foreach (var change in now.ChangesSince(before, tree))
    ///     {
    ///         Console.WriteLine($"{tree.Name}: {change.Kind} {Convert.ToHexString(change.Key)}");
    ///     }
    /// }
    /// </code>
    /// </example>
    public IReadOnlyList<ChangedTree> GetChangedTrees(Snapshot older, bool includeInternal = false)
    {
        RequireSameDatabase(older);
        using var olderRead = older.BeginRead();
        using var newerRead = BeginRead();
        return newerRead.GetChangedTrees(olderRead, includeInternal);
    }

    /// <summary>
    /// Copies of the changes of a tree that is one of <see cref="GetChangedTrees"/>, ascending; read in pieces as the
    /// enumeration goes on, so it may cross <c>await</c>. Who reads much begins two read transactions and copies
    /// nothing (<see cref="ReadTransaction.ChangesSince(in ReadTransaction, ChangedTree)"/>).
    /// </summary>
    /// <param name="older">The snapshot that the trees were compared with.</param>
    /// <param name="tree">The tree.</param>
    /// <returns>
    /// The changes. Enumerating them throws <see cref="DatabaseCorruptException"/> if a page on the way is damaged, and
    /// <see cref="ObjectDisposedException"/> if one of the snapshots was disposed, or the database was closed.
    /// </returns>
    /// <exception cref="ArgumentException">The older one is of another database.</exception>
    public IEnumerable<CopiedChange> ChangesSince(Snapshot older, ChangedTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        RequireSameDatabase(older);
        return Changes(older, tree.Older, tree.Newer);
    }

    /// <summary>Copies of the changes between two trees; null stands for an empty one.</summary>
    internal IEnumerable<CopiedChange> Changes(Snapshot older, Tree? olderTree, Tree? newerTree)
    {
        var piece = new List<CopiedChange>(PieceSize);
        byte[]? last = null;
        do
        {
            piece.Clear();
            ReadChanges(older, olderTree, newerTree, last, piece);

            // A copy: the arrays belong to whoever gets them.
            last = piece.Count == 0 ? null : [.. piece[^1].Key];
            foreach (var change in piece)
            {
                yield return change;
            }
        }
        while (piece.Count == PieceSize);
    }

    /// <summary>Copies of the changes of a multi-valued tree.</summary>
    internal IEnumerable<CopiedPairChange> Changes(Snapshot older, MultiTree tree)
    {
        var piece = new List<CopiedPairChange>(PieceSize);
        CopiedPairChange? last = null;
        do
        {
            piece.Clear();
            ReadChanges(older, tree, last, piece);
            last = piece.Count == 0 ? null : piece[^1] with { Key = [.. piece[^1].Key], Value = [.. piece[^1].Value] };
            foreach (var change in piece)
            {
                yield return change;
            }
        }
        while (piece.Count == PieceSize);
    }

    internal void RequireSameDatabase(Snapshot older)
    {
        ArgumentNullException.ThrowIfNull(older);
        if (!ReferenceEquals(_database, older._database))
        {
            throw Throw.ForeignState(nameof(older));
        }
    }

    private void ReadChanges(
        Snapshot older, Tree? olderTree, Tree? newerTree, byte[]? last, List<CopiedChange> piece)
    {
        using var olderRead = older.BeginRead();
        using var newerRead = BeginRead();
        var changes = newerRead.OrEmpty(newerTree).ChangesSince(olderRead.OrEmpty(olderTree));
        foreach (var change in last is null ? changes : changes.After(last))
        {
            piece.Add(new CopiedChange(
                change.Kind,
                change.Key.ToArray(),
                change.Kind == ChangeKind.Added ? null : change.OldValue.ToArray(),
                change.Kind == ChangeKind.Removed ? null : change.NewValue.ToArray()));
            if (piece.Count == PieceSize)
            {
                return;
            }
        }
    }

    private void ReadChanges(Snapshot older, MultiTree tree, CopiedPairChange? last, List<CopiedPairChange> piece)
    {
        using var olderRead = older.BeginRead();
        using var newerRead = BeginRead();
        var changes = newerRead.ChangesSince(olderRead, tree);
        foreach (var change in last is null ? changes : changes.After(last.Key, last.Value))
        {
            piece.Add(new CopiedPairChange(change.Kind, change.Key.ToArray(), change.Value.ToArray()));
            if (piece.Count == PieceSize)
            {
                return;
            }
        }
    }
}
