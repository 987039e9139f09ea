namespace Engine;

/// <summary>
/// Entries of a tree in the descending order of an index, for <c>foreach</c>. Can be enumerated any number of times.
/// </summary>
/// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
public readonly ref struct ReverseIndexRange<TIndexKey, TKey, TValue>
{
    private readonly TreeReader _entries;
    private readonly TreeReader _tree;
    private readonly TreeIndex<TIndexKey, TKey, TValue> _index;
    private readonly IndexBounds _bounds;
    private readonly long _limit;

    internal ReverseIndexRange(
        TreeReader entries,
        TreeReader tree,
        TreeIndex<TIndexKey, TKey, TValue> index,
        scoped in IndexBounds bounds,
        long limit)
    {
        _entries = entries;
        _tree = tree;
        _index = index;
        _bounds = bounds;
        _limit = limit;
    }

    /// <summary>No more than the first so many entries: those with the greatest keys in the index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseIndexRange<TIndexKey, TKey, TValue> Take(long count) =>
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
        private ReverseTreeRange.Enumerator _entries;

        internal Enumerator(
            RangeScope scope,
            TreeReader tree,
            TreeIndex<TIndexKey, TKey, TValue> index,
            scoped in EncodedBounds bounds)
        {
            _tree = tree;
            _index = index;
            _bounds = bounds;
            _entries = new ReverseTreeRange.Enumerator(scope);
        }

        /// <summary>The entry.</summary>
        public readonly IndexEntry<TIndexKey, TKey, TValue> Current => new(_entries.Current.Key, _tree, _index);

        /// <summary>Moves to the entry before.</summary>
        public bool MoveNext() => _entries.MoveNext(_bounds);
    }
}
