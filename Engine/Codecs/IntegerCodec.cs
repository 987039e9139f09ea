using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// Integers of a fixed length, big-endian, the sign bit of signed ones inverted. <c>i8</c> to <c>i128</c>, <c>u8</c> to
/// <c>u128</c>, and <c>char</c>, the code unit of UTF-16.
/// </summary>
/// <typeparam name="T">Byte, sbyte, short, ushort, int, uint, long, ulong, Int128, UInt128 or char.</typeparam>
public readonly struct IntegerCodec<T> : IKeyCodec<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    /// <inheritdoc/>
    public static string Name { get; } = NameOfType();

    /// <inheritdoc/>
    public static bool IsPrefixFree => true;

    /// <inheritdoc/>
    public static int GetMaxLength(T value) => Unsafe.SizeOf<T>();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(T value, Span<byte> destination)
    {
        // The smallest value has the sign bit alone, or no bit where there is no sign.
        var bits = value ^ T.MinValue;
        MemoryMarshal.Write(destination, Reverse(bits));
        return Unsafe.SizeOf<T>();
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Unsafe.SizeOf<T>(), Name);
        length = Unsafe.SizeOf<T>();
        return Reverse(MemoryMarshal.Read<T>(source)) ^ T.MinValue;
    }

    // Big-endian processors are refused when a database is opened.
    private static T Reverse(T value) => Unsafe.SizeOf<T>() switch
    {
        1 => value,
        2 => Unsafe.BitCast<ushort, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, ushort>(value))),
        4 => Unsafe.BitCast<uint, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, uint>(value))),
        8 => Unsafe.BitCast<ulong, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, ulong>(value))),
        _ => Unsafe.BitCast<UInt128, T>(BinaryPrimitives.ReverseEndianness(Unsafe.BitCast<T, UInt128>(value))),
    };

    private static string NameOfType()
    {
        if (typeof(T) == typeof(char))
        {
            return "char";
        }

        if (typeof(T) == typeof(nint) || typeof(T) == typeof(nuint)
            || Unsafe.SizeOf<T>() is not (1 or 2 or 4 or 8 or 16))
        {
            throw new NotSupportedException($"{typeof(T)} has no encoding that is the same everywhere.");
        }

        var sign = T.MinValue == T.Zero ? 'u' : 'i';
        return $"{sign}{8 * Unsafe.SizeOf<T>()}";
    }
}
