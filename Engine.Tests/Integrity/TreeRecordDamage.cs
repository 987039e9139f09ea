using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;

namespace Engine.Tests.Integrity;

/// <summary>
/// Damage to tree records: entries 0, 1 and 2 of the catalog are "animals", "numbers" and the empty "void".
/// </summary>
internal static class TreeRecordDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("default tree with other entries", TreeEntries, image => Word(image.Meta, 64 + 16, 41)),
        new("default tree with other leaf pages", TreeLeafPages, image => Word(image.Meta, 64 + 24, 1)),
        new("default tree with other branch pages", TreeBranchPages, image => Word(image.Meta, 64 + 32, 10)),
        new("default tree with other overflow pages", TreeOverflowPages, image => Word(image.Meta, 64 + 40, 4)),
        new("empty tree with entries", TreeEntries, image => Record(image, 2, 16, 1)),
        new("empty tree with a root CRC", TreeRoot, image => Record(image, 2, 8, 1)),
        new("named tree with other entries", TreeEntries, image => Record(image, 0, 16, 39)),
        new("named tree with other leaf pages", TreeLeafPages, image => Record(image, 0, 24, 1)),
        new("catalog with other entries", TreeEntries, image => Word(image.Meta, 128 + 16, 2)),
        new("tree with a reserved flag", TreeFlags, image => RecordByte(image, 0, 13, 4)),
        new("bytes behind the flags", TreeZeros, image => RecordByte(image, 0, 15, 1)),
        new("named tree of depth 33", TreeDepth, image => RecordByte(image, 1, 12, 33)),
        new("named tree with depth and no root", TreeRoot, image => Record(image, 1, 0, 0)),
        new("named tree with root and no depth", TreeRoot, image => RecordByte(image, 1, 12, 0)),
        new("named tree whose root lies outside", PageBounds, image => Record(image, 1, 0, 5)),
        new("depth less than it is", PageKind, image =>
        {
            image.Meta[64 + 12] = 1;
            return image.Root().Number;
        }),
        new("depth more than it is", PageLevel, image =>
        {
            image.Meta[64 + 12]++;
            return image.Root().Number;
        }),
        new("default tree with a tree id", TreeId, image => Word(image.Meta, 64 + 48, 7)),
        new("catalog with tree id 0", TreeId, image => Word(image.Meta, 128 + 48, 0)),
        new("two trees with one id", TreeId, image => Record(image, 1, 48, 2)),
        new("tree id not given out yet", TreeId, image => Record(image, 1, 48, 5)),
        new("named tree with the catalog's id", TreeId, image => Record(image, 1, 48, 1)),
        new("change in a later transaction", TreeChanged, image => Record(image, 1, 56, 10)),
        new("change before the root was written", PageBirth, image =>
        {
            Record(image, 1, 56, 8);
            return image.Root("numbers").Number;
        }),
        new("two records with one root", PageUsedTwice, image =>
        {
            var root = image.Root("animals").Number;
            var crc = image.RecordOffset(1);
            image.Page(image.Leaf(TestImage.Catalog).Number).Slice(image.RecordOffset(0), 48)
                .CopyTo(image.Page(image.Leaf(TestImage.Catalog).Number)[crc..]);
            return root;
        })
        {
            Also = [PageLeaked],
        },
        new("name that is not UTF-8", CatalogName, image =>
        {
            var leaf = image.Leaf(TestImage.Catalog);
            image.Page(leaf.Number)[image.CellOffset(leaf, 2) + 4 + 3] = 0xFF;
            return leaf.Number;
        })
        { Also = [NodeHead] },
        new("name of a byte that no UTF-8 has", CatalogName, image => image.Leaf(TestImage.Catalog).Number)
        {
            Builder = WithCatalogEntry([0xFF], ImageTreeWriter.EmptyRecord(2)),
            Also = [TreeId],
        },
        OfAttributes("attributes that end behind the value", AttributeList, [1, 0, 2, 0, 9]),
        OfAttributes("attribute of three bytes", AttributeList, [1, 0, 0]),
        OfAttributes("attributes in descending order", AttributeList, [2, 0, 0, 0, 1, 0, 0, 0]),
        OfAttributes("two attributes of one tag", AttributeList, [2, 0, 0, 0, 2, 0, 0, 0]),
        OfAttributes("unknown required attribute", AttributeRequired, [1, 0, 0, 0, 2, 0x80, 1, 0, 9]),
        new("attributes of the database that are no list", DatabaseAttributes,
            image => image.Leaf(TestImage.Catalog).Number)
        {
            Builder = WithAttributes("", [1, 0, 2, 0, 9]),
        },
        new("unknown required attribute of the database", DatabaseAttributes,
            image => image.Leaf(TestImage.Catalog).Number)
        {
            Builder = WithAttributes("", [1, 0x80, 0, 0]),
        },
        new("attributes of the database in an overflow run", DatabaseAttributes,
            image => image.Leaf(TestImage.Catalog).Number)
        {
            Builder = WithCatalogEntry([], new byte[300]),
        },
        new("record of 63 bytes", CatalogRecord, image => image.Leaf(TestImage.Catalog).Number)
        {
            Builder = WithCatalogEntry("t"u8, new byte[63]),
        },
        new("record in an overflow run", CatalogRecord, image => image.Leaf(TestImage.Catalog).Number)
        {
            Builder = WithCatalogEntry("t"u8, new byte[300]),
        },
    ];

    private static DamageCase OfAttributes(string name, string rule, byte[] attributes) =>
        new(name, rule, image => image.Leaf(TestImage.Catalog).Number) { Builder = WithAttributes("t", attributes) };

    private static ImageBuilder WithAttributes(string name, byte[] attributes)
    {
        var builder = new ImageBuilder();
        builder.Tree("t").Fill(3);
        builder.Attributes[name] = attributes;
        return builder;
    }

    private static ImageBuilder WithCatalogEntry(ReadOnlySpan<byte> name, byte[] record)
    {
        var builder = new ImageBuilder();
        builder.CatalogTree.Put(name.ToArray(), record);
        return builder;
    }

    private static ulong? Word(Span<byte> block, int offset, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(block[offset..], value);
        return null;
    }

    private static ulong? Record(TestImage image, int index, int offset, ulong value)
    {
        var leaf = image.Leaf(TestImage.Catalog).Number;
        image.Set64(leaf, image.RecordOffset(index) + offset, value);
        return leaf;
    }

    private static ulong? RecordByte(TestImage image, int index, int offset, byte value)
    {
        var leaf = image.Leaf(TestImage.Catalog).Number;
        image.Page(leaf)[image.RecordOffset(index) + offset] = value;
        return leaf;
    }
}
