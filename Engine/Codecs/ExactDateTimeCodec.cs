using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// 8 bytes, big-endian: the kind in the two upper bits, the ticks in the others. For values: keeps the kind (a local
/// time stays the same figures in another time zone). <c>datetime-exact</c>.
/// </summary>
public readonly struct ExactDateTimeCodec : IValueCodec<DateTime>
{
    private const int Length = sizeof(ulong);
    private const int KindShift = 62;

    /// <inheritdoc/>
    public static string Name => "datetime-exact";

    /// <inheritdoc/>
    public static int GetMaxLength(DateTime value) => Length;

    /// <inheritdoc/>
    public static int Write(DateTime value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, ((ulong)value.Kind << KindShift) | (ulong)value.Ticks);
        return Length;
    }

    /// <inheritdoc/>
    public static DateTime Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var bits = BinaryPrimitives.ReadUInt64BigEndian(source);
        var kind = (DateTimeKind)(bits >> KindShift);
        var ticks = (long)(bits & ((1ul << KindShift) - 1));
        if (kind > DateTimeKind.Local || ticks > DateTime.MaxValue.Ticks)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return new DateTime(ticks, kind);
    }
}
