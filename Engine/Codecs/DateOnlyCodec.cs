using System.Buffers.Binary;

namespace Engine;

/// <summary>Days since the first of January of the year 1, in 4 bytes, big-endian. <c>date</c>.</summary>
public readonly struct DateOnlyCodec : IKeyCodec<DateOnly>
{
    private const int Length = sizeof(uint);

    /// <inheritdoc/>
    public static string Name => "date";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(DateOnly value) => Length;

    /// <inheritdoc/>
    public static int Write(DateOnly value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value.DayNumber);
        return Length;
    }

    /// <inheritdoc/>
    public static DateOnly Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var days = BinaryPrimitives.ReadUInt32BigEndian(source);
        if (days > (uint)DateOnly.MaxValue.DayNumber)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return DateOnly.FromDayNumber((int)days);
    }
}
