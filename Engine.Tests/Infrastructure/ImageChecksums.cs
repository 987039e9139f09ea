using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Tests.Infrastructure;

/// <summary>
/// The checksums of docs/format.md in their plainest form: slow, bit by bit, and shared with nobody, so that images and
/// engine agree only if both follow the document.
/// </summary>
internal static class ImageChecksums
{
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in bytes)
            crc = (crc >> 8) ^ Table[(byte)(crc ^ value)];
        return ~crc;
    }

    /// <summary>The CRC of a page or run: bytes 0 to 3 count as zero.</summary>
    public static uint PageCrc(ReadOnlySpan<byte> bytes) => Crc32C([0, 0, 0, 0, .. bytes[4..]]);

    /// <summary>XXH64 with seed 0, after its specification.</summary>
    public static ulong Xxh64(ReadOnlySpan<byte> input)
    {
        const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161;
        const ulong P4 = 9650029242287828579, P5 = 2870177450012600261;
        var length = (ulong)input.Length;
        ulong hash;
        unchecked
        {
            if (input.Length >= 32)
            {
                ulong v1 = P1 + P2, v2 = P2, v3 = 0, v4 = 0 - P1;
                for (; input.Length >= 32; input = input[32..])
                {
                    v1 = Round(v1, Read64(input, 0));
                    v2 = Round(v2, Read64(input, 8));
                    v3 = Round(v3, Read64(input, 16));
                    v4 = Round(v4, Read64(input, 24));
                }

                hash = BitOperations.RotateLeft(v1, 1) + BitOperations.RotateLeft(v2, 7)
                    + BitOperations.RotateLeft(v3, 12) + BitOperations.RotateLeft(v4, 18);
                hash = Merge(Merge(Merge(Merge(hash, v1), v2), v3), v4);
            }
            else
            {
                hash = P5;
            }

            hash += length;
            for (; input.Length >= 8; input = input[8..])
                hash = BitOperations.RotateLeft(hash ^ Round(0, Read64(input, 0)), 27) * P1 + P4;
            for (; input.Length >= 4; input = input[4..])
                hash = BitOperations.RotateLeft(
                    hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(input) * P1), 23) * P2 + P3;
            foreach (var value in input)
                hash = BitOperations.RotateLeft(hash ^ (value * P5), 11) * P1;
            hash ^= hash >> 33;
            hash *= P2;
            hash ^= hash >> 29;
            hash *= P3;
            return hash ^ (hash >> 32);
        }

        static ulong Read64(ReadOnlySpan<byte> bytes, int offset) =>
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
        static ulong Round(ulong lane, ulong value) => BitOperations.RotateLeft(lane + value * P2, 31) * P1;
        static ulong Merge(ulong hash, ulong lane) => (hash ^ Round(0, lane)) * P1 + P4;
    }

    private static uint[] Table { get; } = MakeTable();

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            table[i] = crc;
        }

        return table;
    }
}
