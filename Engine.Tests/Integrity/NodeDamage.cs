using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;

namespace Engine.Tests.Integrity;

/// <summary>Damage within leaves and branches.</summary>
internal static class NodeDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("leaf without entries", NodeCount, image => Short(image, image.Leaf(), 24, 0)),
        new("branch without children", NodeCount, image => Short(image, image.Branch(), 24, 0)),
        new("more slots than fit", NodeHeap, image => Short(image, image.Leaf(), 24, 0xFFFF)),
        new("heap over the slots", NodeHeap, image => Short(image, image.Leaf(), 26, 470)),
        new("heap larger than the page", NodeHeap, image => Short(image, image.Branch(), 26, 0xFFFF)),
        new("byte in a leaf's gap", NodeGap, image => Byte(image, image.Leaf(), 32 + 6 * 4, 1)),
        new("byte in a branch's gap", NodeGap, image => Byte(image, image.Branch(), 32 + 18 * 4, 1)),
        new("dead bytes that are not there", NodeDead, image => Short(image, image.Leaf(), 28, 3)),
        new("dead bytes that are not counted", NodeDead, image =>
            Short(image, image.Leaf(), 26, image.Get16(image.Leaf().Number, 26) + 2)),
        new("dead bytes of a branch", NodeDead, image => Short(image, image.Branch(), 28, 1)),
        new("skip beyond the common prefix", NodeSkip, image => Short(image, image.Leaf(), 6, 9)),
        new("skip beyond the keys", NodeSkip, image => Short(image, image.Leaf(), 6, 0xFFFF)),
        new("skip of a single entry", NodeSkip, image => Short(image, image.Leaf(), 6, 1)) { Builder = OneEntry() },
        new(
            "skip of a branch with one separator",
            NodeSkip,
            image => Short(image, image.Root("animals"), 6, 1)) { Builder = TwoLeaves() },
        new("skip of a branch beyond the common prefix", NodeSkip, image => Short(image, image.Branch(), 6, 100)),
        new("other head in a leaf", NodeHead, image => Byte(image, image.Leaf(), 32 + 4, 0xEE)),
        new("other head in a branch", NodeHead, image => Byte(image, image.Branch(), 32 + 4, 0xEE)),
        new("head 0 of a branch", NodeHead, image => Byte(image, image.Branch(), 32, 1)),
        new("cell in the header", CellOffset, image => Offset(image, image.Leaf(), 1, 8)),
        new("cell in the slots", CellOffset, image => Offset(image, image.Branch(), 1, 32)),
        new("cell beyond the page", CellOffset, image => Offset(image, image.Leaf(), 1, 0xFFFF)),
        new("cell whose lengths do not fit the page", CellOffset, image => Offset(image, image.Leaf(), 1, 509)),
        new("key that leaves the page", CellLength, image => Cell(image, image.Leaf(), 0, 0, 400)),
        new("value that leaves the page", CellLength, image => Cell(image, image.Leaf(), 0, 2, 0x7FFF)),
        new("separator that leaves the page", CellLength, image => Cell(image, image.Branch(), 1, 0, 0xFFFF)),
        new(
            "two slots on one cell",
            CellOverlap,
            image => Offset(image, image.Leaf(), 1, image.CellOffset(image.Leaf(), 0)))
        {
            Also = [NodeHead, KeyOrder],
        },
        new("value that reaches into another cell", CellOverlap, image => Cell(image, image.Leaf(), 1, 2, 12)),
        new("cell of more than half a page", CellLimit, image => image.Leaf().Number) { Builder = Oversized(10, 300) },
        new("key above the limit", KeyLimit, image => image.Leaf().Number) { Builder = Oversized(129, 1) },
        new(
            "separator above the limit",
            KeyLimit,
            image => image.Branch().Number) { Builder = Oversized(150, 1, 5), Also = [CellLimit] },
        new("inline length beside the overflow bit", CellFlag, image =>
        {
            var leaf = image.Leaf(index: 1);
            return Cell(image, leaf, 0, 2, 0x8001);
        }),
        new("two entries swapped", KeyOrder, image => Swap(image, image.Leaf(), 1, 2)),
        new("two equal keys", KeyOrder, image =>
        {
            var leaf = image.Leaf();
            var bytes = image.Page(leaf.Number);
            bytes.Slice(image.CellOffset(leaf, 0) + 4, 9).CopyTo(bytes[(image.CellOffset(leaf, 1) + 4)..]);
            bytes.Slice(32, 4).CopyTo(bytes[36..]);
            return leaf.Number;
        }),
        new("key below the separator", KeyBounds, image => LastKeyByte(image, image.Leaf(index: 1), 0, (byte)'3')),
        new("key above the next separator", KeyBounds, image => LastKeyByte(image, image.Leaf(), 3, (byte)'4')),
        new("separator 0 that is not empty", SeparatorFirst, image =>
        {
            var branch = image.Branch();
            var offset = image.CellOffset(branch, 0);
            Offset(image, branch, 0, image.CellOffset(branch, 1));
            return Offset(image, branch, 1, offset);
        })
        {
            Also = [NodeSkip, NodeHead, SeparatorOrder],
        },
        new("two separators swapped", SeparatorOrder, image => Swap(image, image.Branch(), 1, 2)),
        new("separator outside those above", SeparatorBounds, image =>
        {
            // The root's separator moves into the middle of the branch at its right.
            var (root, right) = (image.Root(), image.Branch(index: 1));
            var cell = image.CellOffset(right, 2);
            var separator = image.Page(right.Number).Slice(cell, 2 + image.Get16(right.Number, cell));
            Assert.That(image.Get16(root.Number, image.CellOffset(root, 1)), Is.EqualTo(separator.Length - 2));
            separator.CopyTo(image.Page(root.Number)[image.CellOffset(root, 1)..]);
            image.Page(root.Number)[36..40].Clear();
            Head(image, root, 1, separator[2..]);
            return right.Number;
        })
        {
            Also = [KeyBounds],
        },
    ];

    private static ImageBuilder OneEntry()
    {
        var builder = new ImageBuilder();
        builder.Default.Put("k", "v");
        return builder;
    }

    private static ImageBuilder TwoLeaves()
    {
        var builder = new ImageBuilder();
        builder.Tree("animals").Fanout = 5;
        builder.Tree("animals").Fill(10);
        return builder;
    }

    private static ImageBuilder Oversized(int keyLength, int valueLength, int count = 1)
    {
        var builder = new ImageBuilder();
        builder.Default.IgnoresLimits = true;
        builder.Default.Fanout = 2;
        for (var i = 0; i < count; i++)
            builder.Default.Put(new string('k', keyLength - 1) + (char)('a' + i), new string('v', valueLength));
        return builder;
    }

    private static ulong? Byte(TestImage image, ImagePage page, int offset, byte value)
    {
        image.Page(page.Number)[offset] = value;
        return page.Number;
    }

    private static ulong? Short(TestImage image, ImagePage page, int offset, int value)
    {
        image.Set16(page.Number, offset, value);
        return page.Number;
    }

    private static ulong? Offset(TestImage image, ImagePage page, int index, int value) =>
        Short(image, page, image.OffsetSlot(page, index), value);

    private static ulong? Cell(TestImage image, ImagePage page, int index, int offset, int value) =>
        Short(image, page, image.CellOffset(page, index) + offset, value);

    private static ulong? Swap(TestImage image, ImagePage page, int first, int second)
    {
        var (a, b) = (image.CellOffset(page, first), image.CellOffset(page, second));
        Offset(image, page, first, b);
        Offset(image, page, second, a);
        var bytes = image.Page(page.Number);
        var head = bytes.Slice(32 + 4 * first, 4).ToArray();
        bytes.Slice(32 + 4 * second, 4).CopyTo(bytes[(32 + 4 * first)..]);
        head.CopyTo(bytes[(32 + 4 * second)..]);
        return page.Number;
    }

    /// <summary>
    /// Changes the last byte of a nine-byte key, and its head, whose first byte is that of the key: skip is 8.
    /// </summary>
    private static ulong? LastKeyByte(TestImage image, ImagePage leaf, int index, byte value)
    {
        Assert.That(image.Get16(leaf.Number, 6), Is.EqualTo(8));
        image.Page(leaf.Number)[image.CellOffset(leaf, index) + 4 + 8] = value;
        image.Page(leaf.Number)[32 + 4 * index + 3] = value;
        return leaf.Number;
    }

    private static void Head(TestImage image, ImagePage page, int index, ReadOnlySpan<byte> key)
    {
        var rest = key[image.Get16(page.Number, 6)..];
        for (var i = 0; i < Math.Min(4, rest.Length); i++)
            image.Page(page.Number)[32 + 4 * index + 3 - i] = rest[i];
    }
}
