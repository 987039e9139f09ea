using System.Buffers.Binary;

namespace Engine;

/// <summary>
/// The 32 bits of IEEE 754, big-endian, as they are: −0 and the bits of a NaN are kept. For values: their order is not
/// that of numbers. <c>f32-exact</c>.
/// </summary>
public readonly struct ExactSingleCodec : IValueCodec<float>
{
    /// <inheritdoc/>
    public static string Name => "f32-exact";

    /// <inheritdoc/>
    public static int GetMaxLength(float value) => sizeof(float);

    /// <inheritdoc/>
    public static int Write(float value, Span<byte> destination)
    {
        BinaryPrimitives.WriteSingleBigEndian(destination, value);
        return sizeof(float);
    }

    /// <inheritdoc/>
    public static float Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, sizeof(float), Name);
        length = sizeof(float);
        return BinaryPrimitives.ReadSingleBigEndian(source);
    }
}
