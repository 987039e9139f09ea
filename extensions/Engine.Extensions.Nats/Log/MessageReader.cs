namespace Engine.Extensions.Nats.Log;

/// <summary>
/// Reads what <see cref="Leb128"/> and its callers wrote. What is not well-formed is remembered, and reads as zeros and
/// empty from there: who reads asks once, at the end.
/// </summary>
internal ref struct MessageReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public bool IsMalformed { get; private set; }

    public readonly bool IsAtEnd => Position == _bytes.Length;

    public byte ReadByte()
    {
        var one = ReadFixed(1);
        return one.IsEmpty ? (byte)0 : one[0];
    }

    public ulong ReadNumber()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (Position >= _bytes.Length)
            {
                break;
            }

            var next = _bytes[Position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        IsMalformed = true;
        return 0;
    }

    /// <summary>A number that counts things of at least a byte each that follow.</summary>
    public int ReadCount()
    {
        var count = ReadNumber();
        if (count > (ulong)(_bytes.Length - Position))
        {
            IsMalformed = true;
            return 0;
        }

        return (int)count;
    }

    public ReadOnlySpan<byte> ReadBytes() => ReadFixed(ReadCount());

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> ReadRest() => ReadFixed(_bytes.Length - Position);

    public ReadOnlySpan<byte> ReadFixed(int length)
    {
        if (IsMalformed || length > _bytes.Length - Position)
        {
            IsMalformed = true;
            return default;
        }

        var read = _bytes.Slice(Position, length);
        Position += length;
        return read;
    }
}
