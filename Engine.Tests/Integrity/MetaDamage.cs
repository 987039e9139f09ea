using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;
using static Engine.Tests.Integrity.DamageCase;

namespace Engine.Tests.Integrity;

internal static class MetaDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        // With a right checksum, what makes one slot invalid is a problem even though the other one serves.
        new("other magic in the other slot", MetaMagic, image => Byte(image.OtherMeta, 7, (byte)'b')),
        new("other version in the other slot", MetaVersion, image => Byte(image.OtherMeta, 8, 2)),
        new("other page size in the other slot", MetaPageSize, image => Byte(image.OtherMeta, 13, 16)),
        new("meta of another file", MetaFileId, image => Byte(image.OtherMeta, 16, (byte)'!')),
        new("unknown required feature in the other slot", MetaFeatures, image => Byte(image.OtherMeta, 63, 0x80)),
        new("page count below the first page", MetaPageCount, image => Word(image.OtherMeta, 48, 31)),
        new("page count beyond any file", MetaPageCount, image => Word(image.OtherMeta, 48, ulong.MaxValue)),
        new("commit class 0", MetaClass, image => Byte(image.OtherMeta, 56, 0)),
        new("commit class 3", MetaClass, image => Byte(image.OtherMeta, 56, 3)),
        new("4097 runs", MetaRunCount, image => Half(image.OtherMeta, 252, 4097)),
        OfList("inline list longer than its room in the other slot", meta => List(meta, 1, 1025, 0, 0, 0)),
        OfList("inline list without runs in the other slot", meta => List(meta, 0, 2, 0, 0, 0)),
        OfList("runs without a list in the other slot", meta => List(meta, 1, 0, 0, 0, 0)),
        OfList("list run beside an inline list in the other slot", meta => List(meta, 1, 2, 32, 8, 9)),
        OfList("list run outside in the other slot", meta => List(meta, 1, 0, 1UL << 40, 8, 9)),
        OfList("list run in the reserved area in the other slot", meta => List(meta, 1, 0, 31, 8, 9)),
        OfList("list run of no bytes in the other slot", meta => List(meta, 1, 0, 32, 8, 0)),
        OfList("list run of more than 64 KiB in the other slot", meta => List(meta, 1, 0, 32, 8, 65505)),
        OfList("list run of another commit in the other slot", meta => List(meta, 1, 0, 32, 7, 9)),
        OfList("list run of an ordered meta that is too young in the other slot", meta =>
        {
            List(meta, 0, 0, 32, 8, 9);
            meta[56] = 2;
        }),
        new("log head longer than its room", MetaLogHeadLength, image =>
        {
            BinaryPrimitives.WriteUInt16LittleEndian(image.OtherMeta[58..], 2809);
            return null;
        }),
        new("default tree of depth 33", MetaTreeRecord, image =>
        {
            Word(image.OtherMeta, 64, 40);
            return Byte(image.OtherMeta, 64 + 12, 33);
        }),
        new("default tree with a root and depth 0", MetaTreeRecord, image => Word(image.OtherMeta, 64, 31)),
        new("catalog with depth and no root", MetaTreeRecord, image => Byte(image.OtherMeta, 128 + 12, 1)),
        new("catalog whose root lies outside", MetaTreeRecord, image =>
        {
            Word(image.OtherMeta, 128, 32);
            return Byte(image.OtherMeta, 128 + 12, 1);
        }),

        new("both checksums wrong", MetaChecksum, image =>
        {
            image.OtherMeta[4095] ^= 1;
            return Byte(image.Meta, 300, 1);
        })
        { Mends = Mending.Nothing, Also = [MetaNone] },
        new("no meta at all", MetaNone, image =>
        {
            image.OtherMeta.Clear();
            image.Meta.Clear();
            return null;
        })
        { Mends = Mending.Nothing, Also = [MetaChecksum] },
        new("the same id twice", MetaEqualIds, image => Word(image.OtherMeta, 32, 9)),
        new("durable id that the other slot does not have", MetaDurableId, image => Word(image.Meta, 40, 7)),
        new("durable id equal to the own one beside another meta", MetaDurableId, image => Word(image.Meta, 40, 9)),
        new("durable id 0 in the other slot", MetaDurableId, image => Word(image.OtherMeta, 40, 0)),
        new("durable id above the own one in the other slot", MetaDurableId, image => Word(image.OtherMeta, 40, 9)),
        new("id 0 in the other slot", MetaId, image => Word(image.OtherMeta, 32, 0)) { Also = [MetaDurableId] },
        new(
            "id that no transaction reaches in the other slot",
            MetaId,
            image => Word(image.OtherMeta, 32, (1UL << 63) - 1)),
        new("runs in an ordered meta in the other slot", MetaRunCount, image =>
        {
            image.OtherMeta[56] = 2;
            return Half(image.OtherMeta, 252, 1);
        }),
        new(
            "number of log pages without a chain in the other slot",
            MetaLogChain,
            image => Half(image.OtherMeta, 204, 1)),
        new(
            "chain without a number of log pages in the other slot",
            MetaLogChain,
            image => Word(image.OtherMeta, 192, 32)),
        new("newest log page outside in the other slot", MetaLogChain, image =>
        {
            Half(image.OtherMeta, 204, 1);
            return Word(image.OtherMeta, 192, 1UL << 40);
        }),
        new("as many log pages as pages in the other slot", MetaLogChain, image =>
        {
            image.Meta[48..56].CopyTo(image.OtherMeta[48..]);
            image.Meta[48..52].CopyTo(image.OtherMeta[204..]);
            return Word(image.OtherMeta, 192, 32);
        }),
        new(
            "empty default tree with a root CRC in the other slot",
            MetaTreeRecord,
            image => Half(image.OtherMeta, 64 + 8, 1)),
        new(
            "empty default tree with entries in the other slot",
            MetaTreeRecord,
            image => Word(image.OtherMeta, 64 + 16, 1)),
        new("byte behind the commit class", MetaZeros, image => Byte(image.Meta, 57, 1)),
        new("byte behind the length of the inline list", MetaZeros, image => Byte(image.Meta, 251, 1)),
        new("byte behind the run list", RunListUnused, image => Byte(image.Meta, 1279, 1)),
        new("byte behind the log head", LogZeros, image => Byte(image.Meta, 4087, 1)),
        new("next tree id 1", MetaNextTreeId, image => Word(image.Meta, 216, 1)) { Also = [TreeId] },
        new("page count beyond the end of the file", FileLength, image => Word(image.Meta, 48, 1 << 20)),
    ];

    /// <summary>A run list that cannot be, in the other slot, which is made a verified meta of as many pages.</summary>
    private static DamageCase OfList(string name, ListDamage damage) => new(name, MetaRunList, image =>
    {
        image.Meta[48..56].CopyTo(image.OtherMeta[48..]);
        image.OtherMeta[56] = 1;
        damage(image.OtherMeta);
        return null;
    });

    private delegate void ListDamage(Span<byte> meta);

    private static void List(Span<byte> meta, uint runs, ushort inline, ulong page, ulong birth, uint length)
    {
        Half(meta, 252, runs);
        BinaryPrimitives.WriteUInt16LittleEndian(meta[248..], inline);
        Word(meta, 224, page);
        Word(meta, 232, birth);
        Half(meta, 244, length);
    }

    private static ulong? Byte(Span<byte> block, int offset, byte value)
    {
        block[offset] = value;
        return null;
    }

    private static ulong? Half(Span<byte> block, int offset, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block[offset..], value);
        return null;
    }

    private static ulong? Word(Span<byte> block, int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(block[offset..], value);
        return null;
    }
}
