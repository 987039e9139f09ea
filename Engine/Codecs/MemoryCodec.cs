namespace Engine;

/// <summary>Bytes as they are, with the name that they have as an array: <c>bytes</c>.</summary>
public readonly struct MemoryCodec : IKeyCodec<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public static string Name => BytesCodec.Name;

    /// <inheritdoc/>
    public static bool IsPrefixFree => false;

    /// <inheritdoc/>
    public static int GetMaxLength(ReadOnlyMemory<byte> value) => value.Length;

    /// <inheritdoc/>
    public static int Write(ReadOnlyMemory<byte> value, Span<byte> destination)
    {
        value.Span.CopyTo(destination);
        return value.Length;
    }

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Read(ReadOnlySpan<byte> source, out int length)
    {
        length = source.Length;
        return source.ToArray();
    }
}
