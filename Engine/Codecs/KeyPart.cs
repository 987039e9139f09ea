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
    private const int OnStack = 1024;

    /// <summary>At most so many bytes <see cref="Write"/> writes.</summary>
    /// <param name="value">The part.</param>
    public static int GetMaxLength(T value)
    {
        var length = TCodec.GetMaxLength(value);
        return TCodec.IsPrefixFree ? length : checked((2 * length) + PartBytes.EndLength);
    }

    /// <summary>Writes a part.</summary>
    /// <param name="value">The part.</param>
    /// <param name="destination">Has at least <see cref="GetMaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(T value, Span<byte> destination)
    {
        var length = TCodec.Write(value, destination);
        return TCodec.IsPrefixFree ? length : PartBytes.Terminate(destination, length);
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

        var end = PartBytes.FindEnd(source, TCodec.Name, out var escapes);
        length = end + PartBytes.EndLength;
        return escapes == 0 ? ReadWhole(source[..end]) : ReadEscaped(source[..end], escapes);
    }

    /// <summary>How many bytes the part has that some bytes begin with.</summary>
    /// <param name="source">The bytes.</param>
    /// <exception cref="InvalidEncodingException">The bytes begin with no part.</exception>
    public static int GetLength(ReadOnlySpan<byte> source)
    {
        if (!TCodec.IsPrefixFree)
        {
            return PartBytes.FindEnd(source, TCodec.Name, out _) + PartBytes.EndLength;
        }

        var length = TCodec.GetLength(source);
        if (length < 0)
        {
            _ = TCodec.Read(source, out length);
        }

        return length <= source.Length ? length : throw Malformed.NoValue(source, TCodec.Name);
    }

    private static T ReadEscaped(ReadOnlySpan<byte> part, int escapes)
    {
        var length = part.Length - escapes;
        Span<byte> bytes = length <= OnStack ? stackalloc byte[OnStack] : new byte[length];
        PartBytes.Unescape(part, bytes[..length]);
        return ReadWhole(bytes[..length]);
    }

    private static T ReadWhole(scoped ReadOnlySpan<byte> bytes)
    {
        var value = TCodec.Read(bytes, out var read);
        return read == bytes.Length ? value : throw Malformed.NoValue(bytes, TCodec.Name);
    }
}
