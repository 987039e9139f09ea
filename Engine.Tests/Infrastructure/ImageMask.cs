using System.Buffers.Binary;

namespace Engine.Tests.Infrastructure;

/// <summary>The mask of a meta (docs/format.md section 3), from the document.</summary>
internal static class ImageMask
{
    /// <summary>Masks a block of version 3, or takes its mask off; others, and zeros, stay as they are.</summary>
    public static void Apply(Span<byte> block)
    {
        if (!block.StartsWith("ENGNMETA"u8) || BinaryPrimitives.ReadUInt32LittleEndian(block[8..]) != 3)
            return;
        ulong Word(Span<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
        var seed = unchecked((Word(block, 32) * 0x9E3779B97F4A7C15UL) + Word(block, 16) + Word(block, 24));
        for (var offset = 512; offset < 4088; offset += 8)
        {
            var z = unchecked(seed + (ulong)offset);
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
            BinaryPrimitives.WriteUInt64LittleEndian(block[offset..], Word(block, offset) ^ z ^ (z >> 31));
        }
    }
}
