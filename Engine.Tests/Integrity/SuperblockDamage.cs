using static Engine.Integrity.IntegrityRules;
using static Engine.Tests.Integrity.DamageCase;

namespace Engine.Tests.Integrity;

internal static class SuperblockDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("file of 16,383 bytes", FileLength, image =>
        {
            image.Bytes = image.Bytes[..16383];
            return null;
        })
        { Mends = Mending.Nothing },
        new("empty file", FileLength, image =>
        {
            image.Bytes = [];
            return null;
        })
        { Mends = Mending.Nothing },
        new("file without its last byte", FileLength, image =>
        {
            image.Bytes = image.Bytes[..^1];
            return null;
        })
        { Mends = Mending.Nothing, Also = [PageBounds] },
        new("other magic", SuperblockMagic, image => Superblock(image.Superblock, 3, (byte)'x')),
        new("flipped bit in the superblock", SuperblockChecksum, image => Superblock(image.Superblock, 2000, 1))
        {
            Mends = Mending.Nothing,
        },
        new(
            "flipped bit in the superblock's checksum",
            SuperblockChecksum,
            image => Superblock(image.Superblock, 4090, 1))
        {
            Mends = Mending.Nothing,
        },
        new("version 1", SuperblockVersion, image => Superblock(image.Superblock, 8, 1)),
        new("version 4", SuperblockVersion, image => Superblock(image.Superblock, 8, 4)),
        new("page size 0", SuperblockPageSize, image => Superblock(image.Superblock, 13, 0)),
        new("page size 768", SuperblockPageSize, image => Superblock(image.Superblock, 13, 3)),
        new("page size 128", SuperblockPageSize, image =>
        {
            image.Superblock[13] = 0;
            return Superblock(image.Superblock, 12, 128);
        }),
        new("page size 131072", SuperblockPageSize, image =>
        {
            image.Superblock[13] = 0;
            return Superblock(image.Superblock, 14, 2);
        }),
        new(
            "page size that the metas do not know",
            MetaPageSize,
            image => Superblock(image.Superblock, 13, 4)) { Also = [MetaNone] },
        new("unknown required feature", SuperblockFeatures, image => Superblock(image.Superblock, 33, 1)),
        new("byte behind the superblock's fields", SuperblockZeros, image => Superblock(image.Superblock, 36, 1)),
        new("byte in block 3", ReservedBlock, image =>
        {
            image.Bytes[16383] = 1;
            return null;
        })
        { Mends = Mending.Nothing },
    ];

    private static ulong? Superblock(Span<byte> block, int offset, byte value)
    {
        block[offset] = value;
        return null;
    }
}
