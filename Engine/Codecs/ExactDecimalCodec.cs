using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// 16 bytes, big-endian: 32 bits of sign and scale as <see cref="decimal.GetBits(decimal)"/> has them, then the number
/// of 96 bits. For values: keeps the scale, and is not ordered. <c>decimal-exact</c>.
/// </summary>
public readonly struct ExactDecimalCodec : IValueCodec<decimal>
{
    private const int Length = 16;
    private const int ScaleShift = 16;
    private const uint Sign = 1u << 31;
    private const uint MaxScale = 28;

    /// <inheritdoc/>
    public static string Name => "decimal-exact";

    /// <inheritdoc/>
    public static int GetMaxLength(decimal value) => Length;

    /// <inheritdoc/>
    public static int Write(decimal value, Span<byte> destination)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(destination[(4 * i)..], parts[3 - i]);
        }

        return Length;
    }

    /// <inheritdoc/>
    public static decimal Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Length, Name);
        length = Length;
        var flags = BinaryPrimitives.ReadUInt32BigEndian(source);
        var scale = (flags & ~Sign) >> ScaleShift;
        if (scale > MaxScale || (flags & ~Sign) != scale << ScaleShift)
        {
            Malformed.ThrowNoValue(source[..Length], Name);
        }

        return new decimal(
            BinaryPrimitives.ReadInt32BigEndian(source[12..]),
            BinaryPrimitives.ReadInt32BigEndian(source[8..]),
            BinaryPrimitives.ReadInt32BigEndian(source[4..]),
            (flags & Sign) != 0,
            (byte)scale);
    }
}
