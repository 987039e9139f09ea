namespace Engine;

/// <summary>A byte: 0 is false, 1 is true. <c>bool</c>.</summary>
public readonly struct BooleanCodec : IKeyCodec<bool>
{
    /// <inheritdoc/>
    public static string Name => "bool";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(bool value) => 1;

    /// <inheritdoc/>
    public static int Write(bool value, Span<byte> destination)
    {
        destination[0] = value ? (byte)1 : (byte)0;
        return 1;
    }

    /// <inheritdoc/>
    public static bool Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, 1, Name);
        if (source[0] > 1)
        {
            Malformed.ThrowNoValue(source, Name);
        }

        length = 1;
        return source[0] == 1;
    }
}
