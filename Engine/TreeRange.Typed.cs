using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// Entries of a typed tree in ascending order, for <c>foreach</c>. Can be enumerated any number of times. It keeps its
/// bounds: allocates nothing unless they are longer than 48 bytes.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly ref struct TreeRange<TKey, TValue>
{
    private readonly TreeReader _reader;
    private readonly Tree<TKey, TValue> _tree;
    private readonly EncodedBounds _bounds;
    private readonly RangeEnd _end;
    private readonly bool _isFromExcluded;
    private readonly long _limit;
    private readonly long _skipped;

    internal TreeRange(
        TreeReader reader,
        Tree<TKey, TValue> tree,
        scoped in EncodedBounds bounds,
        RangeEnd end,
        bool isFromExcluded = false,
        long limit = RangeScope.All,
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

    /// <summary>The same entries in descending order.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public ReverseTreeRange<TKey, TValue> Reverse()
    {
        Scope.RequireWhole();
        return new(_reader, _tree, _bounds, _end, _isFromExcluded, _limit);
    }

    /// <summary>The entries of this range behind a key, whether or not it is there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> After(TKey key)
    {
        Scope.RequireWhole();
        var bytes = _tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]);
        if (!RangeScope.IsAfter(bytes, _bounds.From.Bytes, _isFromExcluded))
        {
            return this;
        }

        var bounds = _bounds;
        bounds.From = new EncodedBound(bytes);
        return new(_reader, _tree, bounds, _end, isFromExcluded: true);
    }

    /// <summary>The entries of this range before a key, whether or not it is there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> Before(TKey key)
    {
        Scope.RequireWhole();
        return Before(new EncodedBound(_tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length])));
    }

    /// <summary>The entries of this range up to a key, itself included if it is there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    [SkipLocalsInit]
    public TreeRange<TKey, TValue> Through(TKey key)
    {
        Scope.RequireWhole();
        return Before(new EncodedBound(_tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]), isBehind: true));
    }

    /// <summary>
    /// Without the first so many entries, which cost nothing: O(log n), in a counted tree. Comes after the bounds and
    /// before <see cref="Take"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// The tree is not counted (<see cref="TreeOptions.Counted"/>), or <see cref="Take"/> has been called.
    /// </exception>
    public TreeRange<TKey, TValue> Skip(long count) =>
        new(_reader, _tree, _bounds, _end, _isFromExcluded, _limit, Scope.Skip(count).Skipped);

    /// <summary>No more than the first so many entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public TreeRange<TKey, TValue> Take(long count) =>
        new(_reader, _tree, _bounds, _end, _isFromExcluded, Scope.Take(count).Limit, _skipped);

    /// <summary>
    /// Counts the entries: O(log n) in a counted tree (<see cref="TreeOptions.Counted"/>), else by walking over them,
    /// without decoding. (The count of a whole tree is <see cref="TreeReader{TKey, TValue}.Count"/>, O(1).)
    /// </summary>
    public long Count()
    {
        var scope = Whole;
        return scope.TryCount() ?? new TreeRange.Enumerator(scope).CountLeft(scope.From, scope.To);
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() =>
        new(Scope, _tree, _bounds, _skipped == 0 ? 0 : Whole.FirstRank(_reader.Source));

    /// <summary>Without the bounds, which <see cref="_bounds"/> has.</summary>
    private RangeScope Scope => _reader.Scope(_isFromExcluded, _end, _limit, _skipped);

    [UnscopedRef]
    private RangeScope Whole =>
        _reader.Scope(_bounds.From.Bytes, _isFromExcluded, _bounds.To.Bytes, _end, _limit, _skipped);

    private TreeRange<TKey, TValue> Before(EncodedBound bound)
    {
        if (!RangeScope.IsBefore(bound.Bytes, _bounds.To.Bytes, _end))
        {
            return this;
        }

        var bounds = _bounds;
        bounds.To = bound;
        return new(_reader, _tree, bounds, RangeEnd.Below, _isFromExcluded);
    }

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly Tree<TKey, TValue> _tree;
        private readonly EncodedBounds _bounds;
        private TreeRange.Enumerator _entries;

        internal Enumerator(
            RangeScope scope, Tree<TKey, TValue> tree, scoped in EncodedBounds bounds, ulong firstRank)
        {
            _tree = tree;
            _bounds = bounds;
            _entries = new TreeRange.Enumerator(scope, firstRank);
        }

        /// <summary>The entry.</summary>
        public readonly Entry<TKey, TValue> Current => new(_entries.Current, _tree);

        /// <summary>The key alone: does not touch the value, which may be large.</summary>
        public readonly TKey CurrentKey => _tree.KeyCodec.Decode(_entries.CurrentKey);

        /// <summary>Moves to the next entry.</summary>
        public bool MoveNext() => _entries.MoveNext(_bounds);
    }
}
