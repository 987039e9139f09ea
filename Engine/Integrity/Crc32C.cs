using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Integrity;

/// <summary>
/// The page CRC of docs/format.md section 1, written apart from the writer's: one plain CRC over all bytes.
/// </summary>
internal static class Crc32C
{
    public const uint Initial = 0xFFFFFFFF;

    /// <summary>Takes bytes into a CRC that began as <see cref="Initial"/>; complement it at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var value in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    /// <summary>
    /// Takes a page, or whole pages of a run, into a CRC; <paramref name="hasHeader"/> says that bytes 0 to 3 are the
    /// crc field, taken as zero.
    /// </summary>
    public static uint AppendPage(uint crc, ReadOnlySpan<byte> page, bool hasHeader) =>
        hasHeader ? Append(BitOperations.Crc32C(crc, 0u), page[4..]) : Append(crc, page);

    /// <summary>The CRC of a page with a header.</summary>
    public static uint OfPage(ReadOnlySpan<byte> page) => ~AppendPage(Initial, page, hasHeader: true);
}
