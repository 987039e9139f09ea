namespace Engine;

/// <summary>
/// Entries of a typed tree in descending order, for <c>foreach</c>. Can be enumerated any number of times.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly ref struct ReverseTreeRange<TKey, TValue>
{
    private readonly TreeReader _reader;
    private readonly Tree<TKey, TValue> _tree;
    private readonly EncodedBounds _bounds;
    private readonly RangeEnd _end;
    private readonly bool _isFromExcluded;
    private readonly long _limit;

    internal ReverseTreeRange(
        TreeReader reader,
        Tree<TKey, TValue> tree,
        scoped in EncodedBounds bounds,
        RangeEnd end,
        bool isFromExcluded,
        long limit)
    {
        _reader = reader;
        _tree = tree;
        _bounds = bounds;
        _end = end;
        _isFromExcluded = isFromExcluded;
        _limit = limit;
    }

    /// <summary>No more than the first so many entries: those with the greatest keys.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseTreeRange<TKey, TValue> Take(long count) =>
        new(_reader, _tree, _bounds, _end, _isFromExcluded, Scope.Take(count).Limit);

    /// <summary>Counts the entries by walking over them, without decoding.</summary>
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
    public Enumerator GetEnumerator() => new(Scope, _tree, _bounds);

    private RangeScope Scope => _reader.Scope(_isFromExcluded, _end, _limit);

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly Tree<TKey, TValue> _tree;
        private readonly EncodedBounds _bounds;
        private ReverseTreeRange.Enumerator _entries;

        internal Enumerator(RangeScope scope, Tree<TKey, TValue> tree, scoped in EncodedBounds bounds)
        {
            _tree = tree;
            _bounds = bounds;
            _entries = new ReverseTreeRange.Enumerator(scope);
        }

        /// <summary>The entry.</summary>
        public readonly Entry<TKey, TValue> Current => new(_entries.Current, _tree);

        /// <summary>Moves to the next smaller entry.</summary>
        public bool MoveNext() => _entries.MoveNext(_bounds);
    }
}
