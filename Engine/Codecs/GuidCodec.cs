namespace Engine;

/// <summary>
/// The 16 bytes in the order in which the digits are written, which is the order of <see cref="Guid.CompareTo(Guid)"/>,
/// and for version 7 that of time. <c>guid</c>.
/// </summary>
public readonly struct GuidCodec : IKeyCodec<Guid>
{
    private const int Length = 16;

    /// <inheritdoc/>
    public static string Name => "guid";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(Guid value) => Length;

    /// <inheritdoc/>
    public static int Write(Guid value, Span<byte> destination)
    {
        if (!value.TryWriteBytes(destination, bigEndian: true, out var written))
        {
            throw new ArgumentException($"A guid needs {Length} bytes.", nameof(destination));
        }

        return written;
    }

    /// <inheritdoc/>
    public static Guid Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        return new Guid(source[..Length], bigEndian: true);
    }
}
