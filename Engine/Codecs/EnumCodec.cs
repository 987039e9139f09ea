using System.Globalization;
using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// Enumerations, as the integers that they are, and with their names: <c>i32</c> for most. Values that have no name are
/// as good as others.
/// </summary>
/// <typeparam name="T">An enumeration.</typeparam>
public readonly struct EnumCodec<T> : IKeyCodec<T>
{
    private static readonly bool IsUnsigned = Type.GetTypeCode(typeof(T)) is
        TypeCode.Byte or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64;

    /// <inheritdoc/>
    public static string Name { get; } = typeof(T).IsEnum
        ? (IsUnsigned ? "u" : "i") + (8 * Unsafe.SizeOf<T>()).ToString(CultureInfo.InvariantCulture)
        : throw new NotSupportedException($"{typeof(T)} is no enumeration.");

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(T value) => Unsafe.SizeOf<T>();

    /// <inheritdoc/>
    public static int Write(T value, Span<byte> destination) => (Unsafe.SizeOf<T>(), IsUnsigned) switch
    {
        (1, true) => IntegerCodec<byte>.Write(Unsafe.BitCast<T, byte>(value), destination),
        (1, false) => IntegerCodec<sbyte>.Write(Unsafe.BitCast<T, sbyte>(value), destination),
        (2, true) => IntegerCodec<ushort>.Write(Unsafe.BitCast<T, ushort>(value), destination),
        (2, false) => IntegerCodec<short>.Write(Unsafe.BitCast<T, short>(value), destination),
        (4, true) => IntegerCodec<uint>.Write(Unsafe.BitCast<T, uint>(value), destination),
        (4, false) => IntegerCodec<int>.Write(Unsafe.BitCast<T, int>(value), destination),
        (_, true) => IntegerCodec<ulong>.Write(Unsafe.BitCast<T, ulong>(value), destination),
        (_, false) => IntegerCodec<long>.Write(Unsafe.BitCast<T, long>(value), destination),
    };

    /// <inheritdoc/>
    public static T Read(ReadOnlySpan<byte> source, out int length) => (Unsafe.SizeOf<T>(), IsUnsigned) switch
    {
        (1, true) => Unsafe.BitCast<byte, T>(IntegerCodec<byte>.Read(source, out length)),
        (1, false) => Unsafe.BitCast<sbyte, T>(IntegerCodec<sbyte>.Read(source, out length)),
        (2, true) => Unsafe.BitCast<ushort, T>(IntegerCodec<ushort>.Read(source, out length)),
        (2, false) => Unsafe.BitCast<short, T>(IntegerCodec<short>.Read(source, out length)),
        (4, true) => Unsafe.BitCast<uint, T>(IntegerCodec<uint>.Read(source, out length)),
        (4, false) => Unsafe.BitCast<int, T>(IntegerCodec<int>.Read(source, out length)),
        (_, true) => Unsafe.BitCast<ulong, T>(IntegerCodec<ulong>.Read(source, out length)),
        (_, false) => Unsafe.BitCast<long, T>(IntegerCodec<long>.Read(source, out length)),
    };
}
