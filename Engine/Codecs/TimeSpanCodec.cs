namespace Engine;

/// <summary>Ticks of 100 ns, encoded as <c>i64</c>. <c>timespan</c>.</summary>
public readonly struct TimeSpanCodec : IKeyCodec<TimeSpan>
{
    /// <inheritdoc/>
    public static string Name => "timespan";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(TimeSpan value) => sizeof(long);

    /// <inheritdoc/>
    public static int Write(TimeSpan value, Span<byte> destination) =>
        IntegerCodec<long>.Write(value.Ticks, destination);

    /// <inheritdoc/>
    public static TimeSpan Read(ReadOnlySpan<byte> source, out int length) =>
        new(IntegerCodec<long>.Read(source, out length));
}
