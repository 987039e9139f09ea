namespace Engine;

/// <summary>
/// Bytes with an end of their own, in the order of the bytes: each 00 is followed by FF, and 00 00 ends them
/// (docs/encodings.md). So none of them is the beginning of another one, and what begins alike before is so behind.
/// </summary>
internal static class EscapedBytes
{
    /// <summary>Bytes of the end.</summary>
    public const int EndLength = 2;

    private const byte Escape = 0x00;
    private const byte Escaped = 0xFF;
    private const byte End = 0x00;

    /// <summary>How many bytes escaping adds, the end apart.</summary>
    public static int CountEscapes(ReadOnlySpan<byte> bytes) => bytes.Count(Escape);

    /// <summary>Escapes bytes where they are, without an end.</summary>
    /// <param name="destination">Begins with the bytes, and has room for the escapes.</param>
    /// <param name="length">How many bytes there are.</param>
    /// <returns>How many there are now.</returns>
    public static int Write(Span<byte> destination, int length)
    {
        var end = length + CountEscapes(destination[..length]);

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

        return end;
    }

    /// <summary>As <see cref="Write"/>, with the end.</summary>
    public static int Terminate(Span<byte> destination, int length)
    {
        var end = Write(destination, length);
        destination.Slice(end, EndLength).Clear();
        return end + EndLength;
    }

    /// <summary>Looks for the end.</summary>
    /// <param name="source">Begins with escaped bytes.</param>
    /// <param name="escapes">How many escapes there are before the end.</param>
    /// <returns>Where the end begins; −1 if there is none.</returns>
    public static int FindEnd(ReadOnlySpan<byte> source, out int escapes)
    {
        escapes = 0;
        for (var i = 0; ; i += 2)
        {
            var next = source[i..].IndexOf(Escape);
            i += next;
            if (next < 0 || i + 1 == source.Length)
            {
                return -1;
            }

            switch (source[i + 1])
            {
                case End:
                    return i;
                case Escaped:
                    escapes++;
                    break;
                default:
                    return -1;
            }
        }
    }

    /// <summary>Takes the escapes out.</summary>
    /// <param name="source">Escaped bytes, without their end.</param>
    /// <param name="destination">Has as many bytes as there are without the escapes.</param>
    public static void Read(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var from = 0;
        for (var to = 0; to < destination.Length; to++)
        {
            destination[to] = source[from];
            from += source[from] == Escape ? 2 : 1;
        }
    }
}
