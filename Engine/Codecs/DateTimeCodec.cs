using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// Ticks of 100 ns since the year 1, in 8 bytes, big-endian. The kind is not stored, as it has no part in comparisons:
/// what is read has <see cref="DateTimeKind.Unspecified"/>. For instants there are <see cref="UtcDateTimeCodec"/> and
/// <see cref="DateTimeOffsetCodec"/>. <c>datetime</c>.
/// </summary>
public readonly struct DateTimeCodec : IKeyCodec<DateTime>
{
    private const int Length = sizeof(ulong);

    /// <inheritdoc/>
    public static string Name => "datetime";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(DateTime value) => Length;

    /// <inheritdoc/>
    public static int Write(DateTime value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, (ulong)value.Ticks);
        return Length;
    }

    /// <inheritdoc/>
    public static DateTime Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var ticks = BinaryPrimitives.ReadUInt64BigEndian(source);
        if (ticks > (ulong)DateTime.MaxValue.Ticks)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return new DateTime((long)ticks);
    }
}
