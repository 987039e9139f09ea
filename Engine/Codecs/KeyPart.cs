namespace Engine;

/// <summary>
/// A part of a composite key, to write codecs of one's own with: whatever the part's codec is, no encoding of a part is
/// the beginning of another one, and the order stays. Where the codec has that by itself
/// (<see cref="IKeyCodec{T}.IsPrefixFree"/>), a part is what the codec writes. Else each 00 in it is followed by FF,
/// and 00 00 ends it.
/// </summary>
/// <typeparam name="T">The part.</typeparam>
/// <typeparam name="TCodec">Its codec.</typeparam>
public static class KeyPart<T, TCodec>
    where TCodec : IKeyCodec<T>
{
    private const byte Escape = 0x00;
    private const byte Escaped = 0xFF;
    private const byte End = 0x00;
    private const int EndLength = 2;
    private const int OnStack = 1024;

    /// <summary>At most so many bytes <see cref="Write"/> writes.</summary>
    /// <param name="value">The part.</param>
    public static int GetMaxLength(T value)
    {
        var length = TCodec.GetMaxLength(value);
        return TCodec.IsPrefixFree ? length : checked((2 * length) + EndLength);
    }

    /// <summary>Writes a part.</summary>
    /// <param name="value">The part.</param>
    /// <param name="destination">Has at least <see cref="GetMaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(T value, Span<byte> destination)
    {
        var length = TCodec.Write(value, destination);
        return TCodec.IsPrefixFree ? length : Terminate(destination, length);
    }

    /// <summary>Reads a part that some bytes begin with.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="length">How many bytes were read.</param>
    /// <exception cref="InvalidEncodingException">The bytes begin with no part.</exception>
    public static T Read(ReadOnlySpan<byte> source, out int length)
    {
        if (TCodec.IsPrefixFree)
        {
            var value = TCodec.Read(source, out length);
            return length <= source.Length ? value : throw Malformed.NoValue(source, TCodec.Name);
        }

        var end = FindEnd(source, out var escapes);
        length = end + EndLength;
        return escapes == 0 ? ReadWhole(source[..end]) : ReadEscaped(source[..end], escapes);
    }

    private static int Terminate(Span<byte> destination, int length)
    {
        var zeros = destination[..length].Count(Escape);
        var end = length + zeros;
        destination.Slice(end, EndLength).Clear();

        // From the end on, until nothing is left that has to be moved.
        for (int from = length, to = end; from < to;)
        {
            var next = destination[--from];
            if (next == Escape)
            {
                destination[--to] = Escaped;
            }

            destination[--to] = next;
        }

        return end + EndLength;
    }

    private static int FindEnd(ReadOnlySpan<byte> source, out int escapes)
    {
        escapes = 0;
        for (var i = 0; ; i += 2)
        {
            var next = source[i..].IndexOf(Escape);
            i += next;
            if (next < 0 || i + 1 == source.Length)
            {
                throw Malformed.NoValue(source, $"{TCodec.Name}, as a part: it has no end");
            }

            switch (source[i + 1])
            {
                case End:
                    return i;
                case Escaped:
                    escapes++;
                    break;
                default:
                    throw Malformed.NoValue(source, $"{TCodec.Name}, as a part");
            }
        }
    }

    private static T ReadEscaped(ReadOnlySpan<byte> part, int escapes)
    {
        var length = part.Length - escapes;
        Span<byte> bytes = length <= OnStack ? stackalloc byte[OnStack] : new byte[length];
        var from = 0;
        for (var to = 0; to < length; to++)
        {
            bytes[to] = part[from];
            from += part[from] == Escape ? 2 : 1;
        }

        return ReadWhole(bytes[..length]);
    }

    private static T ReadWhole(scoped ReadOnlySpan<byte> bytes)
    {
        var value = TCodec.Read(bytes, out var read);
        return read == bytes.Length ? value : throw Malformed.NoValue(bytes, TCodec.Name);
    }
}
