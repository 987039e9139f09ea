using System.Buffers.Binary;

namespace Engine;

/// <summary>Ticks of 100 ns since midnight, in 8 bytes, big-endian. <c>time</c>.</summary>
public readonly struct TimeOnlyCodec : IKeyCodec<TimeOnly>
{
    private const int Length = sizeof(ulong);

    /// <inheritdoc/>
    public static string Name => "time";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(TimeOnly value) => Length;

    /// <inheritdoc/>
    public static int Write(TimeOnly value, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, (ulong)value.Ticks);
        return Length;
    }

    /// <inheritdoc/>
    public static TimeOnly Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var ticks = BinaryPrimitives.ReadUInt64BigEndian(source);
        if (ticks > (ulong)TimeOnly.MaxValue.Ticks)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return new TimeOnly((long)ticks);
    }
}
