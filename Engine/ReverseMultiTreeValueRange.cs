using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>Values of one key of a multi-valued tree in descending order, for <c>foreach</c>. Can be enumerated any
/// number of times.</summary>
public readonly ref struct ReverseMultiTreeValueRange
{
    private readonly PairScope _scope;
    private readonly int _keyLength;

    internal ReverseMultiTreeValueRange(PairScope scope, int keyLength)
    {
        _scope = scope;
        _keyLength = keyLength;
    }

    /// <inheritdoc cref="ReverseMultiTreeRange.Skip"/>
    public ReverseMultiTreeValueRange Skip(long count)
    {
        var scope = _scope;
        scope.Skip(count);
        return new(scope, _keyLength);
    }

    /// <summary>No more than the first so many values: the greatest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseMultiTreeValueRange Take(long count)
    {
        var scope = _scope;
        scope.Take(count);
        return new(scope, _keyLength);
    }

    /// <inheritdoc cref="MultiTreeRange.Count"/>
    public long Count() => _scope.Count();

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope, _keyLength);

    /// <summary>Walks over the values.</summary>
    public ref struct Enumerator
    {
        private readonly EncodedBounds _bounds;
        private readonly int _keyLength;
        private ReverseTreeRange.Enumerator _pairs;

        internal Enumerator(PairScope scope, int keyLength)
        {
            _bounds = scope.Bounds;
            _keyLength = keyLength;
            _pairs = scope.Descend();
        }

        /// <summary>The value; it lives as long as the read transaction.</summary>
        public readonly ReadOnlySpan<byte> Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Pair.Value(_pairs.CurrentKey, _keyLength);
        }

        /// <summary>Moves to the value before.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext() => _pairs.MoveNext(_bounds);
    }
}
