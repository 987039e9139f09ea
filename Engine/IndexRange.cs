namespace Engine;

/// <summary>
/// Entries of a tree in the ascending order of an index, and those with the same key in the index in the order of their
/// own keys, for <c>foreach</c>. Can be enumerated any number of times. It keeps its bounds: allocates nothing unless
/// they are longer than 48 bytes.
/// </summary>
/// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
public readonly ref struct IndexRange<TIndexKey, TKey, TValue>
{
    private readonly TreeReader _entries;
    private readonly TreeReader _tree;
    private readonly TreeIndex<TIndexKey, TKey, TValue> _index;
    private readonly IndexBounds _bounds;
    private readonly long _limit;

    internal IndexRange(
        TreeReader entries,
        TreeReader tree,
        TreeIndex<TIndexKey, TKey, TValue> index,
        scoped in IndexBounds bounds,
        long limit = RangeScope.All)
    {
        _entries = entries;
        _tree = tree;
        _index = index;
        _bounds = bounds;
        _limit = limit;
    }

    /// <summary>The same entries in descending order.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public ReverseIndexRange<TIndexKey, TKey, TValue> Reverse()
    {
        Scope.RequireNoLimit();
        return new(_entries, _tree, _index, _bounds, _limit);
    }

    /// <summary>The entries of this range whose keys in the index are above one.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public IndexRange<TIndexKey, TKey, TValue> After(TIndexKey indexKey)
    {
        Scope.RequireNoLimit();
        return new(_entries, _tree, _index, _index.After(_bounds, indexKey));
    }

    /// <summary>
    /// The entries of this range behind another one, whether or not that is there: the page that follows the one that
    /// ended with it.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public IndexRange<TIndexKey, TKey, TValue> After(TIndexKey indexKey, TKey key)
    {
        Scope.RequireNoLimit();
        return new(_entries, _tree, _index, _bounds.After(_index.Bound(indexKey, key), isExcluded: true));
    }

    /// <summary>The entries of this range whose keys in the index are below one.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public IndexRange<TIndexKey, TKey, TValue> Before(TIndexKey indexKey)
    {
        Scope.RequireNoLimit();
        return new(_entries, _tree, _index, _bounds.Before(_index.Bound(indexKey)));
    }

    /// <summary>
    /// The entries of this range before another one, whether or not that is there: with <see cref="Reverse"/>, the page
    /// that follows the one that ended with it.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public IndexRange<TIndexKey, TKey, TValue> Before(TIndexKey indexKey, TKey key)
    {
        Scope.RequireNoLimit();
        return new(_entries, _tree, _index, _bounds.Before(_index.Bound(indexKey, key)));
    }

    /// <summary>The entries of this range whose keys in the index are not above one.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public IndexRange<TIndexKey, TKey, TValue> Through(TIndexKey indexKey)
    {
        Scope.RequireNoLimit();
        return new(_entries, _tree, _index, _index.Through(_bounds, indexKey));
    }

    /// <summary>No more than the first so many entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IndexRange<TIndexKey, TKey, TValue> Take(long count) =>
        new(_entries, _tree, _index, _bounds, Scope.Take(count).Limit);

    /// <summary>Counts the entries by walking over the index, without decoding.</summary>
    public long Count()
    {
        long count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(Scope, _tree, _index, _bounds.Bounds);

    private RangeScope Scope => _entries.Scope(_bounds.IsFromExcluded, _bounds.End, _limit);

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly TreeReader _tree;
        private readonly TreeIndex<TIndexKey, TKey, TValue> _index;
        private readonly EncodedBounds _bounds;
        private TreeRange.Enumerator _entries;

        internal Enumerator(
            RangeScope scope,
            TreeReader tree,
            TreeIndex<TIndexKey, TKey, TValue> index,
            scoped in EncodedBounds bounds)
        {
            _tree = tree;
            _index = index;
            _bounds = bounds;
            _entries = new TreeRange.Enumerator(scope);
        }

        /// <summary>The entry.</summary>
        public readonly IndexEntry<TIndexKey, TKey, TValue> Current => new(_entries.CurrentKey, _tree, _index);

        /// <summary>Moves to the next entry.</summary>
        public bool MoveNext() => _entries.MoveNext(_bounds);
    }
}
