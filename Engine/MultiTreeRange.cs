using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Pairs of a multi-valued tree in ascending order, of the keys and then of the values, for <c>foreach</c>. Can be
/// enumerated any number of times. It keeps its bounds: allocates nothing unless they are longer than 48 bytes.
/// </summary>
public readonly ref struct MultiTreeRange
{
    private readonly PairScope _scope;

    internal MultiTreeRange(PairScope scope)
    {
        _scope = scope;
    }

    /// <summary>The same pairs in descending order.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public ReverseMultiTreeRange Reverse()
    {
        _scope.RequireWhole();
        return new(_scope);
    }

    /// <summary>
    /// The pairs of this range behind a pair, whether or not it is there: the page that follows the one that ended with
    /// it.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public MultiTreeRange After(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value) =>
        StartAt(key, value, isExcluded: true);

    /// <summary>The pairs of this range from a pair on, whether or not it is there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public MultiTreeRange From(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value) =>
        StartAt(key, value, isExcluded: false);

    /// <summary>
    /// The pairs of this range before a pair, whether or not it is there: with <see cref="Reverse"/>, the page that
    /// follows the one that ended with it.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    [SkipLocalsInit]
    public MultiTreeRange Before(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        var scope = _scope;
        if (scope.Form.Allows(key))
        {
            scope.EndAt(scope.Form.Pair(key, value, stackalloc byte[Scratch.Length]));
        }
        else
        {
            scope.EndAtKey(key);
        }

        return new(scope);
    }

    /// <summary>
    /// Without the first so many pairs, which cost nothing: O(log n), in a counted tree. Comes after the bounds and
    /// before <see cref="Take"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// The tree is not counted (<see cref="TreeOptions.Counted"/>), or <see cref="Take"/> has been called.
    /// </exception>
    public MultiTreeRange Skip(long count)
    {
        var scope = _scope;
        scope.Skip(count);
        return new(scope);
    }

    /// <summary>No more than the first so many pairs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public MultiTreeRange Take(long count)
    {
        var scope = _scope;
        scope.Take(count);
        return new(scope);
    }

    /// <summary>
    /// Counts the pairs: O(log n) in a counted tree (<see cref="TreeOptions.Counted"/>), else by going over their
    /// leaves. (The count of a whole tree is <see cref="MultiTreeReader.Count"/>, O(1).)
    /// </summary>
    public long Count() => _scope.Count();

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope);

    [SkipLocalsInit]
    private MultiTreeRange StartAt(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value, bool isExcluded)
    {
        var scope = _scope;
        if (scope.Form.Allows(key))
        {
            scope.StartAt(scope.Form.Pair(key, value, stackalloc byte[Scratch.Length]), isExcluded);
        }
        else
        {
            scope.StartAtKey(key);
        }

        return new(scope);
    }

    /// <summary>Walks over the pairs.</summary>
    public ref struct Enumerator
    {
        private readonly PairForm _form;
        private readonly EncodedBounds _bounds;
        private TreeRange.Enumerator _pairs;

        internal Enumerator(PairScope scope)
        {
            _form = scope.Form;
            _bounds = scope.Bounds;
            _pairs = scope.Ascend();
        }

        /// <summary>The pair; its spans live as long as the read transaction.</summary>
        public readonly Entry Current => Pair.Entry(_form, _pairs.Current);

        /// <summary>Moves to the next pair.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext() => _pairs.MoveNext(_bounds);
    }
}
