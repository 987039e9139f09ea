using System.Buffers;

namespace Engine;

/// <summary>
/// Where values are encoded that a stack does not hold, or whose length nobody knows before. Each thread keeps one,
/// and makes another while that is taken: an encoder may write to a tree itself.
/// </summary>
internal sealed class EncodingBuffer : IBufferWriter<byte>
{
    private const int FirstLength = 4096;

    /// <summary>What one large value has needed is not kept for ever.</summary>
    private const int MaxKept = 1 << 20;

    [ThreadStatic]
    private static EncodingBuffer? _free;

    private byte[] _bytes = new byte[FirstLength];
    private int _length;

    private EncodingBuffer()
    {
    }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Takes the buffer of this thread, empty.</summary>
    public static EncodingBuffer Take()
    {
        var buffer = _free ?? new EncodingBuffer();
        _free = null;
        buffer._length = 0;
        return buffer;
    }

    /// <summary>Gives it back. What was written in it is not to be looked at any more.</summary>
    public void Return()
    {
        if (_bytes.Length <= MaxKept)
        {
            _free = this;
        }
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var needed = (long)_length + Math.Max(size, 1);
        if (needed > _bytes.Length)
        {
            if (needed > Array.MaxLength)
            {
                throw new ArgumentException(
                    "A value has at most 2,147,483,591 bytes when it is encoded.", nameof(size));
            }

            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, 2L * _bytes.Length), Array.MaxLength));
        }
    }
}
