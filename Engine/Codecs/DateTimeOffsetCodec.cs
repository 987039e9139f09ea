using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// The instant: ticks of 100 ns since the year 1 in UTC, in 8 bytes, big-endian. The offset is not stored, as it has no
/// part in comparisons: the same instant with another offset is the same key, and is read back with the offset 0.
/// <c>instant</c>.
/// </summary>
public readonly struct DateTimeOffsetCodec : IKeyCodec<DateTimeOffset>
{
    private const int Length = sizeof(ulong);

    /// <inheritdoc/>
    public static string Name => "instant";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(DateTimeOffset value) => Length;

    /// <inheritdoc/>
    public static int Write(DateTimeOffset value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, (ulong)value.UtcTicks);
        return Length;
    }

    /// <inheritdoc/>
    public static DateTimeOffset Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var ticks = BinaryPrimitives.ReadUInt64BigEndian(source);
        if (ticks > (ulong)DateTimeOffset.MaxValue.UtcTicks)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return new DateTimeOffset((long)ticks, TimeSpan.Zero);
    }
}
