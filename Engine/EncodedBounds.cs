using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>The encoded bounds of a range.</summary>
internal struct EncodedBounds
{
    public EncodedBound From;
    public EncodedBound To;
}

/// <summary>An encoded bound of a range, which keeps its bytes: in itself if they are few, else on the heap.</summary>
internal struct EncodedBound
{
    private const int InPlace = 48;

    private Inline _inline;
    private readonly byte[]? _array;
    private readonly int _length;

    /// <summary>A bound.</summary>
    /// <param name="key">The bytes.</param>
    /// <param name="isBehind">Whether it is the first key behind this one that is meant.</param>
    public EncodedBound(scoped ReadOnlySpan<byte> key, bool isBehind = false)
    {
        _length = key.Length + (isBehind ? 1 : 0);
        if (_length > InPlace)
        {
            _array = new byte[_length];
            key.CopyTo(_array);
        }
        else
        {
            key.CopyTo(_inline);
        }
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes =>
        _array is null ? ((ReadOnlySpan<byte>)_inline)[.._length] : _array;

    [InlineArray(InPlace)]
    private struct Inline
    {
        private byte _first;
    }
}
