namespace Engine;

/// <summary>
/// Parts of composite keys as bytes, for encodings that are not prefix-free: each 00 is followed by FF, and 00 00 ends
/// them. <see cref="KeyPart{T, TCodec}"/> says it to others.
/// </summary>
internal static class PartBytes
{
    /// <summary>Bytes of the end.</summary>
    public const int EndLength = EscapedBytes.EndLength;

    /// <summary>Makes a part of an encoding in place.</summary>
    /// <param name="destination">The encoding, and room for what the part has more.</param>
    /// <param name="length">Length of the encoding.</param>
    /// <returns>Length of the part.</returns>
    public static int Terminate(Span<byte> destination, int length) => EscapedBytes.Terminate(destination, length);

    /// <summary>A key as a part.</summary>
    /// <param name="codec">The key's codec.</param>
    /// <param name="key">The key.</param>
    /// <param name="scratch">What the result lies in, if that is long enough.</param>
    public static ReadOnlySpan<byte> Encode<T>(KeyCodec<T> codec, T key, Span<byte> scratch)
    {
        var bytes = codec.Encode(key, scratch);
        return codec.IsPrefixFree ? bytes : Encode(bytes, scratch);
    }

    /// <summary>What all parts begin with whose keys begin with some bytes.</summary>
    /// <param name="bytes">The bytes, in the scratch memory or elsewhere.</param>
    /// <param name="isPrefixFree">Whether the keys' codec is prefix-free.</param>
    /// <param name="scratch">What the result lies in, if that is long enough.</param>
    public static ReadOnlySpan<byte> EncodeBeginning(ReadOnlySpan<byte> bytes, bool isPrefixFree, Span<byte> scratch) =>
        isPrefixFree ? bytes : Encode(bytes, scratch)[..^EndLength];

    /// <summary>An encoding that is not prefix-free as a part.</summary>
    /// <param name="bytes">The encoding, in the scratch memory or elsewhere.</param>
    /// <param name="scratch">What the result lies in, if that is long enough.</param>
    public static ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> bytes, Span<byte> scratch)
    {
        var length = bytes.Length + EscapedBytes.CountEscapes(bytes) + EndLength;
        if (length > scratch.Length)
        {
            scratch = new byte[length];
        }

        bytes.CopyTo(scratch);
        return scratch[..Terminate(scratch, bytes.Length)];
    }

    /// <summary>Where the end of a part is.</summary>
    /// <param name="source">What begins with the part.</param>
    /// <param name="codec">The name of the part's codec.</param>
    /// <param name="escapes">How many bytes of it are escapes.</param>
    /// <exception cref="InvalidEncodingException">The bytes begin with no part.</exception>
    public static int FindEnd(ReadOnlySpan<byte> source, string codec, out int escapes)
    {
        var end = EscapedBytes.FindEnd(source, out escapes);
        return end >= 0 ? end : throw Malformed.NoValue(source, $"{codec}, as a part");
    }

    /// <summary>The encoding that a part was made of.</summary>
    /// <param name="part">The part, without its end.</param>
    /// <param name="destination">Has as many bytes as the part without its escapes.</param>
    public static void Unescape(ReadOnlySpan<byte> part, Span<byte> destination) =>
        EscapedBytes.Read(part, destination);
}
