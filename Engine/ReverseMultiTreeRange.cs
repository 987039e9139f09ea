using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>Pairs of a multi-valued tree in descending order, for <c>foreach</c>. Can be enumerated any number of
/// times.</summary>
public readonly ref struct ReverseMultiTreeRange
{
    private readonly PairScope _scope;

    internal ReverseMultiTreeRange(PairScope scope)
    {
        _scope = scope;
    }

    /// <summary>Without the first so many pairs, the greatest: as <see cref="MultiTreeRange.Skip"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// The tree is not counted (<see cref="TreeOptions.Counted"/>), or <see cref="Take"/> has been called.
    /// </exception>
    public ReverseMultiTreeRange Skip(long count)
    {
        var scope = _scope;
        scope.Skip(count);
        return new(scope);
    }

    /// <summary>No more than the first so many pairs: the greatest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseMultiTreeRange Take(long count)
    {
        var scope = _scope;
        scope.Take(count);
        return new(scope);
    }

    /// <summary>Counts the pairs, as <see cref="MultiTreeRange.Count"/>.</summary>
    public long Count() => _scope.Count();

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope);

    /// <summary>Walks over the pairs.</summary>
    public ref struct Enumerator
    {
        private readonly PairForm _form;
        private readonly EncodedBounds _bounds;
        private ReverseTreeRange.Enumerator _pairs;

        internal Enumerator(PairScope scope)
        {
            _form = scope.Form;
            _bounds = scope.Bounds;
            _pairs = scope.Descend();
        }

        /// <summary>The pair; its spans live as long as the read transaction.</summary>
        public readonly Entry Current => Pair.Entry(_form, _pairs.Current);

        /// <summary>Moves to the pair before.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext() => _pairs.MoveNext(_bounds);
    }
}
