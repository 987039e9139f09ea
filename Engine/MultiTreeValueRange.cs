using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// Values of one key of a multi-valued tree in ascending order, for <c>foreach</c>. Can be enumerated any number of
/// times. It keeps its bounds: allocates nothing unless they, with the key, are longer than 48 bytes.
/// </summary>
public readonly ref struct MultiTreeValueRange
{
    private readonly PairScope _scope;
    private readonly int _keyLength;

    internal MultiTreeValueRange(PairScope scope, int keyLength)
    {
        _scope = scope;
        _keyLength = keyLength;
    }

    /// <summary>The values of this range from one on, whether or not it is there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public MultiTreeValueRange From(scoped ReadOnlySpan<byte> value) => StartAt(value, isExcluded: false);

    /// <summary>
    /// The values of this range behind one, whether or not it is there: the page that follows the one that ended with
    /// it.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public MultiTreeValueRange After(scoped ReadOnlySpan<byte> value) => StartAt(value, isExcluded: true);

    /// <summary>The values of this range before one, whether or not it is there.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    [SkipLocalsInit]
    public MultiTreeValueRange Before(scoped ReadOnlySpan<byte> value)
    {
        var scope = _scope;
        if (_keyLength != 0)
        {
            scope.EndAt(Join(value, stackalloc byte[Scratch.Length]));
        }

        return new(scope, _keyLength);
    }

    /// <summary>The same values in descending order.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> or <see cref="Skip"/> was called.</exception>
    public ReverseMultiTreeValueRange Reverse()
    {
        _scope.RequireWhole();
        return new(_scope, _keyLength);
    }

    /// <inheritdoc cref="MultiTreeRange.Skip"/>
    public MultiTreeValueRange Skip(long count)
    {
        var scope = _scope;
        scope.Skip(count);
        return new(scope, _keyLength);
    }

    /// <summary>No more than the first so many values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public MultiTreeValueRange Take(long count)
    {
        var scope = _scope;
        scope.Take(count);
        return new(scope, _keyLength);
    }

    /// <inheritdoc cref="MultiTreeRange.Count"/>
    public long Count() => _scope.Count();

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope, _keyLength);

    [SkipLocalsInit]
    private MultiTreeValueRange StartAt(scoped ReadOnlySpan<byte> value, bool isExcluded)
    {
        var scope = _scope;
        if (_keyLength != 0)
        {
            scope.StartAt(Join(value, stackalloc byte[Scratch.Length]), isExcluded);
        }

        return new(scope, _keyLength);
    }

    /// <summary>The pair of the key, which all bounds begin with, and a value.</summary>
    private ReadOnlySpan<byte> Join(scoped ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        var length = _keyLength + value.Length;
        var pair = length <= scratch.Length ? scratch[..length] : new byte[length];
        _scope.Bounds.From.Bytes[.._keyLength].CopyTo(pair);
        value.CopyTo(pair[_keyLength..]);
        return pair;
    }

    /// <summary>Walks over the values.</summary>
    public ref struct Enumerator
    {
        private readonly EncodedBounds _bounds;
        private readonly int _keyLength;
        private TreeRange.Enumerator _pairs;

        internal Enumerator(PairScope scope, int keyLength)
        {
            _bounds = scope.Bounds;
            _keyLength = keyLength;
            _pairs = scope.Ascend();
        }

        /// <summary>The value; it lives as long as the read transaction.</summary>
        public readonly ReadOnlySpan<byte> Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Pair.Value(_pairs.CurrentKey, _keyLength);
        }

        /// <summary>Moves to the next value.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext() => _pairs.MoveNext(_bounds);
    }
}
