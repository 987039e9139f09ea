using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// 10 bytes, big-endian: the ticks of the instant in UTC, then the offset in minutes as a signed number of 16 bits. For
/// values: keeps the offset. <c>instant-exact</c>.
/// </summary>
public readonly struct ExactDateTimeOffsetCodec : IValueCodec<DateTimeOffset>
{
    private const int Length = sizeof(ulong) + sizeof(short);
    private const int MaxOffset = 14 * 60;

    /// <inheritdoc/>
    public static string Name => "instant-exact";

    /// <inheritdoc/>
    public static int GetMaxLength(DateTimeOffset value) => Length;

    /// <inheritdoc/>
    public static int Write(DateTimeOffset value, Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, value.UtcTicks);
        BinaryPrimitives.WriteInt16BigEndian(destination[sizeof(long)..], (short)value.TotalOffsetMinutes);
        return Length;
    }

    /// <inheritdoc/>
    public static DateTimeOffset Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var ticks = BinaryPrimitives.ReadUInt64BigEndian(source);
        var offset = BinaryPrimitives.ReadInt16BigEndian(source[sizeof(long)..]);
        var max = (ulong)DateTime.MaxValue.Ticks;
        if (ticks > max || offset is < -MaxOffset or > MaxOffset
            || ticks + (ulong)(offset * TimeSpan.TicksPerMinute) > max)
        {
            // The local time, which the structure keeps as well, has to be one.
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return new DateTimeOffset((long)ticks, TimeSpan.Zero).ToOffset(TimeSpan.FromMinutes(offset));
    }
}
