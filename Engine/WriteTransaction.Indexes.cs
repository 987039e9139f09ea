namespace Engine;

/// <content>The indexes of typed trees: making, removing and reading them.</content>
public sealed partial class WriteTransaction
{
    /// <summary>Entries of a tree by an index, those that the transaction has written included.</summary>
    /// <param name="index">The index.</param>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    /// <exception cref="IndexMismatchException">The tree has no such index.</exception>
    public IndexView<TIndexKey, TKey, TValue> Open<TIndexKey, TKey, TValue>(TreeIndex<TIndexKey, TKey, TValue> index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return Read(index, static (read, index) =>
        {
            _ = read.Open(index);
            return true;
        })
            ? new IndexView<TIndexKey, TKey, TValue>(this, index)
            : throw index.Missing();
    }

    /// <summary>
    /// Makes those indexes that a handle declares and its tree does not have, or has with other codecs, by bulk loads
    /// of all entries. Those that the tree has are left alone, also such as the handle does not declare. Costs a walk
    /// over the tree if there is anything to do.
    /// </summary>
    /// <param name="tree">The tree, which exists.</param>
    /// <param name="options">How to sort, all indexes together; null: the defaults.</param>
    /// <returns>How many indexes were made.</returns>
    /// <remarks>
    /// Selectors are called for every entry; until this returns, the transaction cannot be used. Whatever it throws,
    /// nothing was changed.
    /// </remarks>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="CodecMismatchException">The tree has other codecs, or none.</exception>
    /// <exception cref="UniqueIndexException">
    /// Two entries have the same key in an index that is to be unique.
    /// </exception>
    /// <exception cref="TreeExistsException">An index's name is that of a tree.</exception>
    /// <exception cref="KeyTooLongException">
    /// An index's key together with the tree's is too long, or the names of the indexes are.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A bulk load of the transaction holds entries that are still to be sorted; complete it first. Or the transaction
    /// is being used, has a nested one open, or can only be aborted.
    /// </exception>
    public int BuildIndexes<TKey, TValue>(Tree<TKey, TValue> tree, BulkLoadOptions? options = null) =>
        MakeIndexes(tree, options, isAnew: false);

    /// <summary>
    /// Makes all indexes anew that a handle declares: after something has written to the tree without them, or when a
    /// selector has changed. Otherwise as <see cref="BuildIndexes"/>.
    /// </summary>
    /// <inheritdoc cref="BuildIndexes"/>
    public int RebuildIndexes<TKey, TValue>(Tree<TKey, TValue> tree, BulkLoadOptions? options = null) =>
        MakeIndexes(tree, options, isAnew: true);

    /// <summary>Removes an index of a tree, declared or not. O(pages) of the index.</summary>
    /// <param name="tree">The tree, whatever its codecs are: <see cref="Tree{TKey, TValue}.Untyped"/>.</param>
    /// <param name="indexName">The name of the index.</param>
    /// <exception cref="TreeNotFoundException">
    /// There is no such tree, or it has no such index; nothing was changed.
    /// </exception>
    public void DropIndex(Tree tree, string indexName)
    {
        if (!TryDropIndex(tree, indexName))
        {
            throw new TreeNotFoundException($"Tree '{tree.Name}' has no index '{indexName}' to drop.");
        }
    }

    /// <summary>As <see cref="DropIndex"/>, for an index that need not exist.</summary>
    /// <param name="tree">The tree, whatever its codecs are: <see cref="Tree{TKey, TValue}.Untyped"/>.</param>
    /// <param name="indexName">The name of the index.</param>
    /// <returns>Whether the tree had such an index.</returns>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public bool TryDropIndex(Tree tree, string indexName)
    {
        _database.CheckOwn(tree);
        var index = _database.GetTree(indexName);
        using var entered = Enter(out var context);
        return context.DropIndex(tree.Id, index.Id);
    }

    /// <summary>Refuses to write to a tree whose indexes are not those of the handle.</summary>
    internal void RequireWritable<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        using var entered = Enter(out var context);
        tree.RequireWritable(context);
    }

    /// <summary>Fills all indexes of a tree anew, within an operation that cannot be undone by itself.</summary>
    internal void RefillIndexes<TKey, TValue>(Tree<TKey, TValue> tree, BulkLoadOptions options)
    {
        using (Enter(out var context))
        {
            tree.RequireWritable(context);
            foreach (var index in tree.IndexNames)
            {
                _ = context.Clear(index);
            }
        }

        IndexedWrites.Build(this, tree, tree.DeclaredIndexes, options);
    }

    /// <summary>An operation that consists of several has ended in the middle.</summary>
    internal void Fail(Exception failure)
    {
        using var entered = _state.EnterEvenFailed(_serial);
        if (_state.Failure is null)
        {
            _state.Fail(failure);
        }
    }

    private int MakeIndexes<TKey, TValue>(Tree<TKey, TValue> tree, BulkLoadOptions? options, bool isAnew)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _database.CheckOwn(tree.Untyped);
        options ??= new BulkLoadOptions();
        options.Validate();
        tree.Use();
        using var nested = BeginNested();
        var indexes = nested.MakeEmptyIndexes(tree, isAnew);
        if (indexes.Count > 0)
        {
            IndexedWrites.Build(nested, tree, indexes, options);
        }

        nested.Commit();
        return indexes.Count;
    }

    /// <summary>Makes the indexes that a tree lacks, or all, and leaves them empty.</summary>
    private List<TreeIndex<TKey, TValue>> MakeEmptyIndexes<TKey, TValue>(Tree<TKey, TValue> tree, bool isAnew)
    {
        using var entered = Enter(out var context);
        var attributes = context.AttributesOf(tree.Untyped.Id);
        tree.RequireCodecs(attributes);
        var stored = Transactions.IndexList.Read(tree.Name, attributes);
        var made = new List<TreeIndex<TKey, TValue>>();
        foreach (var index in tree.DeclaredIndexes)
        {
            if (isAnew
                || !stored.Contains(index.Definition)
                || !context.TryGetAttributes(index.Untyped.Id, out var own)
                || !index.HasCodecs(own))
            {
                context.MakeIndex(tree.Untyped.Id, index.Definition, index.Untyped.Id);
                made.Add(index);
            }
        }

        return made;
    }
}
