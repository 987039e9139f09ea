namespace Engine;

/// <summary>Bytes as they are. <c>bytes</c>.</summary>
public readonly struct BytesCodec : IKeyCodec<byte[]>
{
    /// <inheritdoc/>
    public static string Name => "bytes";

    /// <inheritdoc/>
    public static bool IsPrefixFree => false;

    /// <inheritdoc/>
    public static int GetMaxLength(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Length;
    }

    /// <inheritdoc/>
    public static int Write(byte[] value, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(value);
        value.CopyTo(destination);
        return value.Length;
    }

    /// <inheritdoc/>
    public static byte[] Read(ReadOnlySpan<byte> source, out int length)
    {
        length = source.Length;
        return source.ToArray();
    }
}
