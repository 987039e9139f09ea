using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Integrity;

/// <summary>The page CRC of docs/format.md section 1, written apart from the writer's.</summary>
internal static class Crc32C
{
    public const uint Initial = 0xFFFFFFFF;

    /// <summary>CRC-32C of any bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = Initial;
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>Takes one u32 more into a CRC that began as <see cref="Initial"/>; complement it at the end.</summary>
    public static uint Append(uint crc, uint value) => BitOperations.Crc32C(crc, value);

    /// <summary>The page CRC; <paramref name="hasHeader"/> says that bytes 0 to 3 are the crc field, taken as zero.</summary>
    public static uint OfPage(ReadOnlySpan<byte> page, bool hasHeader)
    {
        var quarter = page.Length / 4;
        var lane0 = page[..quarter];
        var lane1 = page.Slice(quarter, quarter);
        var lane2 = page.Slice(2 * quarter, quarter);
        var lane3 = page.Slice(3 * quarter, quarter);

        // The crc field is the low half of the first little-endian word.
        var word = BinaryPrimitives.ReadUInt64LittleEndian(lane0);
        var crc0 = BitOperations.Crc32C(Initial, hasHeader ? word & 0xFFFFFFFF_00000000 : word);
        var crc1 = BitOperations.Crc32C(Initial, BinaryPrimitives.ReadUInt64LittleEndian(lane1));
        var crc2 = BitOperations.Crc32C(Initial, BinaryPrimitives.ReadUInt64LittleEndian(lane2));
        var crc3 = BitOperations.Crc32C(Initial, BinaryPrimitives.ReadUInt64LittleEndian(lane3));
        for (var i = 8; i < quarter; i += 8)
        {
            crc0 = BitOperations.Crc32C(crc0, BinaryPrimitives.ReadUInt64LittleEndian(lane0[i..]));
            crc1 = BitOperations.Crc32C(crc1, BinaryPrimitives.ReadUInt64LittleEndian(lane1[i..]));
            crc2 = BitOperations.Crc32C(crc2, BinaryPrimitives.ReadUInt64LittleEndian(lane2[i..]));
            crc3 = BitOperations.Crc32C(crc3, BinaryPrimitives.ReadUInt64LittleEndian(lane3[i..]));
        }

        return ~Append(Append(Append(Append(Initial, ~crc0), ~crc1), ~crc2), ~crc3);
    }
}
