using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;
using static Engine.Tests.Integrity.DamageCase;

namespace Engine.Tests.Integrity;

/// <summary>Damage to references and headers, and pages that are nobody's or somebody else's.</summary>
internal static class PageDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("child 0", PageBounds, image => Child(image, image.Branch(), 1, 0)),
        new("child in the reserved area", PageBounds, image => Child(image, image.Branch(), 1, 31)),
        new(
            "child beyond the page count",
            PageBounds,
            image => Child(image, image.Branch(), 1, (ulong)image.Bytes.Length / 512)),
        new("child far beyond any page", PageBounds, image => Child(image, image.Branch(), 1, ulong.MaxValue)),
        new("child that has a parent", PageUsedTwice, image =>
        {
            Child(image, image.Branch(), 1, image.Leaf().Number);
            return image.Leaf().Number;
        }),
        new("root that is its own descendant", PageUsedTwice, image =>
        {
            Child(image, image.Branch(), 1, image.Root().Number);
            return image.Root().Number;
        }),
        new("branch that is its own child", PageUsedTwice, image =>
        {
            Child(image, image.Branch(), 1, image.Branch().Number);
            return image.Branch().Number;
        }),
        new("child that is a log page", PageUsedTwice, image =>
        {
            Child(image, image.Branch(), 1, image.LogPage().Number);
            return image.LogPage().Number;
        }),
        new("child that is a leaf of another tree", PageUsedTwice, image =>
        {
            Child(image, image.Branch(), 1, image.Leaf("animals").Number);
            return image.Leaf("animals").Number;
        })
        { Also = [PageCrc] },
        new("child that is free", PageCrc, image =>
        {
            Child(image, image.Branch(), 1, 33);
            return 33;
        })
        { Also = [PageUsedAndFree] },
        new("two children swapped", KeyBounds, image =>
        {
            var (left, right) = (image.Leaf(), image.Leaf(index: 1));
            Child(image, image.Branch(), 0, right.Number);
            Child(image, image.Branch(), 1, left.Number);
            (left.HolderOffset, right.HolderOffset) = (right.HolderOffset, left.HolderOffset);
            try
            {
                image.Mend();
            }
            finally
            {
                (left.HolderOffset, right.HolderOffset) = (right.HolderOffset, left.HolderOffset);
            }

            return left.Number;
        })
        { Mends = Mending.Nothing },
        new(
            "flipped bit in a leaf",
            PageCrc,
            image => Flip(image, image.Leaf().Number, 500)) { Mends = Mending.Nothing },
        new(
            "flipped bit in a branch",
            PageCrc,
            image => Flip(image, image.Branch().Number, 40)) { Mends = Mending.Nothing },
        new(
            "flipped bit in the gap",
            PageCrc,
            image => Flip(image, image.Leaf("numbers").Number, 100)) { Mends = Mending.Nothing },
        new(
            "flipped bit in the root of the catalog",
            PageCrc,
            image => Flip(image, image.Root(TestImage.Catalog).Number, 50))
        {
            Mends = Mending.Nothing,
        },
        new("page that was never written", PageCrc, image =>
        {
            image.Page(image.Leaf().Number).Clear();
            return image.Leaf().Number;
        })
        { Mends = Mending.Nothing },
        new("page of another place", PageCrc, image =>
        {
            image.Page(image.Leaf(index: 1).Number).CopyTo(image.Page(image.Leaf().Number));
            return image.Leaf().Number;
        })
        { Mends = Mending.Nothing },
        new(
            "flipped bit in a CRC field",
            PageCrcField,
            image => Flip(image, image.Leaf().Number, 2)) { Mends = Mending.Nothing },
        new("flipped bit in a log page's CRC field", PageCrcField, image => Flip(image, image.LogPage().Number, 0))
        {
            Mends = Mending.Nothing,
        },
        new(
            "flipped bit in a run's CRC field",
            PageCrcField,
            image => Flip(image, image.Overflow().Number, 3)) { Mends = Mending.Nothing },
        new("leaf that says it is a branch", PageKind, image => Byte(image, image.Leaf().Number, 4, 2)),
        new("branch that says it is a leaf", PageKind, image => Byte(image, image.Branch().Number, 4, 1)),
        new("kind 0", PageKind, image => Byte(image, image.Leaf().Number, 4, 0)),
        new("leaf of level 1", PageLevel, image => Byte(image, image.Leaf().Number, 5, 1)),
        new("branch of level 3", PageLevel, image => Byte(image, image.Branch().Number, 5, 3)),
        new("other page number", PageNumber, image => Word(image, image.Leaf().Number, 8, 34)),
        new("birth 0", PageBirth, image => Word(image, image.Leaf().Number, 16, 0)),
        new("leaf that is younger than its parent", PageBirth, image => Word(image, image.Leaf("", 4).Number, 16, 10)),
        new("root that is younger than the meta", PageBirth, image => Word(image, image.Root().Number, 16, 10)),
        new("flags in a leaf", PageFlags, image => Byte(image, image.Leaf().Number, 31, 1)),
        new("flags in a branch", PageFlags, image => Byte(image, image.Branch().Number, 30, 1)),
        new("five pages that nothing knows", PageLeaked, image => 32) { Builder = WithHole((log, hole) => log) },
        new("one page that the log forgot", PageLeaked, image => 35)
        {
            Builder = WithHole((log, hole) => log.Free(hole, 3).Free(hole + 4, 1)),
        },
        new(
            "leaf that is free",
            PageUsedAndFree,
            image => image.Leaf().Number) { Builder = WithHole((log, hole) => log.Free(hole, 6)) },
    ];

    /// <summary>Five pages, then a leaf; what the log says of them is up to the test.</summary>
    private static ImageBuilder WithHole(Func<ImageLog, ulong, ImageLog> write)
    {
        var builder = new ImageBuilder();
        var hole = builder.Hole(5);
        builder.Default.Put("k", "v");
        write(builder.LogHead.Group(9), hole);
        return builder;
    }

    private static ulong? Child(TestImage image, ImagePage branch, int index, ulong page)
    {
        image.Set64(branch.Number, 32 + 4 * image.Get16(branch.Number, 24) + 12 * index, page);
        return branch.Number;
    }

    private static ulong? Flip(TestImage image, ulong page, int offset) =>
        Byte(image, page, offset, (byte)(image.Page(page)[offset] ^ 0x10));

    private static ulong? Byte(TestImage image, ulong page, int offset, byte value)
    {
        image.Page(page)[offset] = value;
        return page;
    }

    private static ulong? Word(TestImage image, ulong page, int offset, ulong value)
    {
        image.Set64(page, offset, value);
        return page;
    }
}
