using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// The 64 bits of IEEE 754, big-endian: the sign bit of positive ones inverted, all bits of negative ones. Ordered as
/// <see cref="double.CompareTo(double)"/> has it: NaN is the first, before negative infinity. Keys that are equal have
/// one encoding: every NaN is all zeros, and −0 becomes +0. <c>f64</c>.
/// </summary>
public readonly struct DoubleCodec : IKeyCodec<double>
{
    private const ulong Sign = 1ul << 63;

    /// <inheritdoc/>
    public static string Name => "f64";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(double value) => sizeof(double);

    /// <inheritdoc/>
    public static int Write(double value, Span<byte> destination)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        if (value == 0)
        {
            bits = Sign;
        }
        else if (double.IsNaN(value))
        {
            bits = 0;
        }
        else
        {
            bits = (bits & Sign) == 0 ? bits | Sign : ~bits;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, bits);
        return sizeof(double);
    }

    /// <inheritdoc/>
    public static double Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, sizeof(double), Name);
        length = sizeof(double);
        var bits = BinaryPrimitives.ReadUInt64BigEndian(source);
        if (bits == 0)
        {
            return double.NaN;
        }

        var value = BitConverter.UInt64BitsToDouble((bits & Sign) != 0 ? bits & ~Sign : ~bits);
        if (double.IsNaN(value) || (value == 0 && bits != Sign))
        {
            Malformed.ThrowNoValue(source, Name);
        }

        return value;
    }
}
