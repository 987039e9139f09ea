using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// The 64 bits of IEEE 754, big-endian, as they are: −0 and the bits of a NaN are kept. For values: their order is not
/// that of numbers. <c>f64-exact</c>.
/// </summary>
public readonly struct ExactDoubleCodec : IValueCodec<double>
{
    /// <inheritdoc/>
    public static string Name => "f64-exact";

    /// <inheritdoc/>
    public static int GetMaxLength(double value) => sizeof(double);

    /// <inheritdoc/>
    public static int Write(double value, Span<byte> destination)
    {
        BinaryPrimitives.WriteDoubleBigEndian(destination, value);
        return sizeof(double);
    }

    /// <inheritdoc/>
    public static double Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, sizeof(double), Name);
        length = sizeof(double);
        return BinaryPrimitives.ReadDoubleBigEndian(source);
    }
}
