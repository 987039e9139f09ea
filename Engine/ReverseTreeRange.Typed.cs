using System.Diagnostics.CodeAnalysis;

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
    private readonly long _skipped;

    internal ReverseTreeRange(
        TreeReader reader,
        Tree<TKey, TValue> tree,
        scoped in EncodedBounds bounds,
        RangeEnd end,
        bool isFromExcluded,
        long limit,
        long skipped = 0)
    {
        _reader = reader;
        _tree = tree;
        _bounds = bounds;
        _end = end;
        _isFromExcluded = isFromExcluded;
        _limit = limit;
        _skipped = skipped;
    }

    /// <summary>
    /// Without the first so many entries, those with the greatest keys, which cost nothing: O(log n), in a counted
    /// tree. Comes before <see cref="Take"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// The tree is not counted (<see cref="TreeOptions.Counted"/>), or <see cref="Take"/> has been called.
    /// </exception>
    public ReverseTreeRange<TKey, TValue> Skip(long count) =>
        new(_reader, _tree, _bounds, _end, _isFromExcluded, _limit, Scope.Skip(count).Skipped);

    /// <summary>No more than the first so many entries: those with the greatest keys.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseTreeRange<TKey, TValue> Take(long count) =>
        new(_reader, _tree, _bounds, _end, _isFromExcluded, Scope.Take(count).Limit, _skipped);

    /// <inheritdoc cref="TreeRange{TKey, TValue}.Count"/>
    public long Count()
    {
        if (Whole.TryCount() is { } known)
        {
            return known;
        }

        long count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() =>
        new(Scope, _tree, _bounds, _skipped == 0 ? 0 : Whole.EndRank(_reader.Source));

    /// <summary>Without the bounds, which <see cref="_bounds"/> has.</summary>
    private RangeScope Scope => _reader.Scope(_isFromExcluded, _end, _limit, _skipped);

    [UnscopedRef]
    private RangeScope Whole =>
        _reader.Scope(_bounds.From.Bytes, _isFromExcluded, _bounds.To.Bytes, _end, _limit, _skipped);

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly Tree<TKey, TValue> _tree;
        private readonly EncodedBounds _bounds;
        private ReverseTreeRange.Enumerator _entries;

        internal Enumerator(
            RangeScope scope, Tree<TKey, TValue> tree, scoped in EncodedBounds bounds, ulong endRank)
        {
            _tree = tree;
            _bounds = bounds;
            _entries = new ReverseTreeRange.Enumerator(scope, endRank);
        }

        /// <summary>The entry.</summary>
        public readonly Entry<TKey, TValue> Current => new(_entries.Current, _tree);

        /// <summary>Moves to the next smaller entry.</summary>
        public bool MoveNext() => _entries.MoveNext(_bounds);
    }
}
