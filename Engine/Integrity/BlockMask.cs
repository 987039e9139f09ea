using System.Buffers.Binary;
using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The mask of a meta of version 3 (section 3).</summary>
internal static class BlockMask
{
    /// <summary>Turns what is stored into the fields; the ids stand in front of what is masked.</summary>
    public static void Remove(Span<byte> block)
    {
        var key = unchecked((U64(block, 32) * 0x9E3779B97F4A7C15) + U64(block, 16) + U64(block, 24));
        for (var offset = MaskOffset; offset < BlockChecksumOffset; offset += 8)
        {
            var word = unchecked(key + (ulong)offset);
            word ^= word >> 30;
            word = unchecked(word * 0xBF58476D1CE4E5B9);
            word ^= word >> 27;
            word = unchecked(word * 0x94D049BB133111EB);
            word ^= word >> 31;
            BinaryPrimitives.WriteUInt64LittleEndian(block[offset..], U64(block, offset) ^ word);
        }
    }
}
