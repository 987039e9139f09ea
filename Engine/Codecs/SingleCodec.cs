using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// The 32 bits of IEEE 754, big-endian: the sign bit of positive ones inverted, all bits of negative ones. Ordered as
/// <see cref="float.CompareTo(float)"/> has it: NaN is the first, before negative infinity. Keys that are equal have
/// one encoding: every NaN is all zeros, and −0 becomes +0. <c>f32</c>.
/// </summary>
public readonly struct SingleCodec : IKeyCodec<float>
{
    private const uint Sign = 1u << 31;

    /// <inheritdoc/>
    public static string Name => "f32";

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(float value) => sizeof(float);

    /// <inheritdoc/>
    public static int Write(float value, Span<byte> destination)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (value == 0)
        {
            bits = Sign;
        }
        else if (float.IsNaN(value))
        {
            bits = 0;
        }
        else
        {
            bits = (bits & Sign) == 0 ? bits | Sign : ~bits;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, bits);
        return sizeof(float);
    }

    /// <inheritdoc/>
    public static float Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, sizeof(float), Name);
        length = sizeof(float);
        var bits = BinaryPrimitives.ReadUInt32BigEndian(source);
        if (bits == 0)
        {
            return float.NaN;
        }

        var value = BitConverter.UInt32BitsToSingle((bits & Sign) != 0 ? bits & ~Sign : ~bits);
        if (float.IsNaN(value) || (value == 0 && bits != Sign))
        {
            Malformed.ThrowNoValue(source, Name);
        }

        return value;
    }
}
