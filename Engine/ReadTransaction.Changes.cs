using System.Diagnostics.CodeAnalysis;
using Engine.Transactions;

namespace Engine;

/// <content>What changed.</content>
public readonly ref partial struct ReadTransaction
{
    /// <summary>
    /// The entries of a tree that another state does not have, or has otherwise, and those that only that one has. What
    /// both share is not read. A state without the tree counts as one where it is empty.
    /// </summary>
    /// <param name="older">
    /// A read transaction of the same <see cref="Database"/>: on a snapshot, most likely. If it is the newer one, the
    /// difference is the same the other way round.
    /// </param>
    /// <param name="tree">The tree's name in both states.</param>
    /// <exception cref="ArgumentException">The older one is of another database, or the handle is.</exception>
    [UnscopedRef]
    public TreeDifference ChangesSince(in ReadTransaction older, Tree tree) =>
        OrEmpty(tree).ChangesSince(older.OrEmpty(tree));

    /// <summary>
    /// The entries of a tree that is one of <see cref="GetChangedTrees"/>: all are added if it was created, removed if
    /// it was dropped; if it was renamed, what changed besides. Of a multi-valued tree they are those that it is stored
    /// as.
    /// </summary>
    /// <param name="older">The read transaction that the trees were compared with.</param>
    /// <param name="tree">The tree.</param>
    /// <exception cref="ArgumentException">The older one is of another database, or the tree is.</exception>
    [UnscopedRef]
    public TreeDifference ChangesSince(in ReadTransaction older, ChangedTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return OrEmpty(tree.Newer).ChangesSince(older.OrEmpty(tree.Older));
    }

    /// <summary>The pairs of a multi-valued tree that were added and removed since another state.</summary>
    /// <param name="older">As for <see cref="ChangesSince(in ReadTransaction, Tree)"/>.</param>
    /// <param name="tree">The tree's name in both states; where it is missing it counts as empty.</param>
    /// <exception cref="ArgumentException">The older one is of another database, or the handle is.</exception>
    /// <exception cref="TreeOptionsException">
    /// The tree is no multi-valued one in one of the states, or its keys have another fixed length there.
    /// </exception>
    [UnscopedRef]
    public MultiTreeDifference ChangesSince(in ReadTransaction older, MultiTree tree)
    {
        var isNew = !older.TryGetTree(tree, out var olderTree);
        var isGone = !TryGetTree(tree, out var newerTree);
        var form = isGone ? olderTree.Form : newerTree.Form;
        return (isGone ? new MultiTreeReader(OrEmpty(null), form) : newerTree).ChangesSince(
            isNew ? new MultiTreeReader(older.OrEmpty(null), form) : olderTree);
    }

    /// <summary>The entries of a typed tree that were added, changed and removed since another state.</summary>
    /// <param name="older">As for <see cref="ChangesSince(in ReadTransaction, Tree)"/>.</param>
    /// <param name="tree">The tree; where it is missing it counts as empty.</param>
    /// <exception cref="ArgumentException">The older one is of another database, or the tree is.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs in one of the states, or none.</exception>
    [UnscopedRef]
    public TreeDifference<TKey, TValue> ChangesSince<TKey, TValue>(in ReadTransaction older, Tree<TKey, TValue> tree)
    {
        var olderTree = older.TryOpen(tree, out var reader) ? reader.Untyped : older.OrEmpty(null);
        var newerTree = TryOpen(tree, out reader) ? reader.Untyped : OrEmpty(null);
        return new TreeDifference<TKey, TValue>(newerTree.ChangesSince(olderTree), tree);
    }

    /// <summary>
    /// The trees that were created, dropped, renamed or changed since another state. Found by comparing the catalogs:
    /// trees that nobody touched cost nothing. What changed in each, <see
    /// cref="ChangesSince(in ReadTransaction, ChangedTree)"/> gives. Allocates.
    /// </summary>
    /// <param name="older">As for <see cref="ChangesSince(in ReadTransaction, Tree)"/>.</param>
    /// <param name="includeInternal">
    /// Whether those are wanted, too, that follow from others: indexes, and trees whose names begin with
    /// <c>engine:</c>; and those of which nothing but the <see cref="ChangedTree.Definition"/> is another one.
    /// </param>
    /// <returns>The trees, the default one first, the others in the order of their names.</returns>
    /// <exception cref="ArgumentException">The older one is of another database.</exception>
    /// <exception cref="InvalidOperationException">
    /// One of both reads a write transaction that has not committed.
    /// </exception>
    /// <exception cref="DatabaseFormatException">A tree that changed needs a newer engine.</exception>
    public IReadOnlyList<ChangedTree> GetChangedTrees(scoped in ReadTransaction older, bool includeInternal = false)
    {
        var (olderContext, newerContext) = (older.Context(), Context());
        if (!ReferenceEquals(_database, older._database))
        {
            throw Throw.ForeignState(nameof(older));
        }

        var database = _database;
        return
        [
            .. CatalogDiff.Read(olderContext, newerContext)
                .Where(tree => includeInternal
                    || !(tree.IsOnlyDescribedOtherwise || (tree.Newer ?? tree.Older)!.IsInternal))
                .Select(tree => new ChangedTree(database, tree)),
        ];
    }

    /// <summary>What a tree is besides its entries; null if there is no tree of that name.</summary>
    /// <param name="tree">Its name. Of the default tree, which is always plain, it says nothing.</param>
    /// <exception cref="ArgumentException">The handle is of another database.</exception>
    public TreeDefinition? GetDefinition(Tree tree)
    {
        _database.CheckOwn(tree);
        var context = Context();
        return tree.Id.IsDefault ? new TreeDefinition(default, [])
            : context.TryResolve(tree.Id, out var record, out var attributes)
                ? new TreeDefinition(record.Flags, attributes)
                : null;
    }

    /// <summary>A tree, or an empty one where there is none.</summary>
    [UnscopedRef]
    internal TreeReader OrEmpty(Tree? tree) =>
        tree is not null && TryGetTree(tree, out var reader) ? reader : new TreeReader(Context(), _epoch, default);
}
