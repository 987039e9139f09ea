using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// As <see cref="DateTimeCodec"/>, for instants: takes only <see cref="DateTimeKind.Utc"/>, and gives that back.
/// <c>utc</c>.
/// </summary>
public readonly struct UtcDateTimeCodec : IKeyCodec<DateTime>
{
    private const int Length = sizeof(ulong);

    /// <inheritdoc/>
    public static string Name => "utc";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(DateTime value) => Length;

    /// <inheritdoc/>
    public static int Write(DateTime value, Span<byte> destination)
    {
        if (value.Kind != DateTimeKind.Utc)
        {
            throw new ArgumentException(
                $"The time {value:O} has the kind {value.Kind}. Convert it to UTC first.", nameof(value));
        }

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

        return new DateTime((long)ticks, DateTimeKind.Utc);
    }
}
