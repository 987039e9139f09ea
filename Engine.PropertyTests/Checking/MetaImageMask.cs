using System.Buffers.Binary;

namespace Engine.PropertyTests.Checking;

/// <summary>The words that a meta of version 3 is stored with (docs/format.md section 3).</summary>
internal static class MetaImageMask
{
    private const int FirstByte = 512;

    /// <summary>
    /// Masks the fields of a block, or unmasks what is stored. Other blocks than metas of version 3 stay.
    /// </summary>
    public static void Toggle(Span<byte> block)
    {
        if (ImageLayout.U32(block, 8) != 3 || !block[..8].SequenceEqual(ImageLayout.MetaMagic))
        {
            return;
        }

        unchecked
        {
            var start = (ImageLayout.U64(block, 32) * 0x9E3779B97F4A7C15)
                + ImageLayout.U64(block, 16) + ImageLayout.U64(block, 24);
            for (var at = FirstByte; at < ImageLayout.ChecksumOffset; at += 8)
            {
                var mixed = start + (ulong)at;
                mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
                mixed ^= mixed >> 31;
                BinaryPrimitives.WriteUInt64LittleEndian(block[at..], ImageLayout.U64(block, at) ^ mixed);
            }
        }
    }

    /// <summary>The fields of a block.</summary>
    public static byte[] Fields(ReadOnlySpan<byte> stored)
    {
        var fields = stored.ToArray();
        Toggle(fields);
        return fields;
    }
}
