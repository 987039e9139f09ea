using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine;

/// <summary>
/// A struct without references, byte for byte as it lies in memory; its name is made of its size, as <c>struct16</c>.
/// For values: of the processor's byte order, little-endian, and with whatever lies between the fields. Give it
/// <see cref="StructLayoutAttribute"/>, fields that fill it, and types of the same size everywhere; a codec of one's
/// own that does the same under another name tells two structs of one size apart.
/// </summary>
/// <typeparam name="T">The struct.</typeparam>
public readonly struct StructCodec<T> : IValueCodec<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    public static string Name { get; } = $"struct{Unsafe.SizeOf<T>()}";

    /// <inheritdoc/>
    public static int GetMaxLength(T value) => Unsafe.SizeOf<T>();

    /// <inheritdoc/>
    public static int Write(T value, Span<byte> destination)
    {
        MemoryMarshal.Write(destination, value);
        return Unsafe.SizeOf<T>();
    }

    /// <summary>Reads a copy: values lie in pages at any address, where no reference to a struct may point.</summary>
    /// <inheritdoc cref="IValueCodec{T}.Read"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read(ReadOnlySpan<byte> source, out int length)
    {
        Malformed.ThrowIfShorter(source, Unsafe.SizeOf<T>(), Name);
        length = Unsafe.SizeOf<T>();
        return MemoryMarshal.Read<T>(source);
    }
}
