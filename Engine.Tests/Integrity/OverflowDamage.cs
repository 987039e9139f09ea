using Engine.Tests.Infrastructure;
using static Engine.Integrity.IntegrityRules;
using static Engine.Tests.Integrity.DamageCase;

namespace Engine.Tests.Integrity;

/// <summary>
/// Damage to overflow runs and to references to them: entries 0 and 1 of the second leaf have one page and three.
/// </summary>
internal static class OverflowDamage
{
    public static IEnumerable<DamageCase> Cases =>
    [
        new("value of 2 GiB", ValueLimit, image => Reference32(image, 0, 20, 0x8000_0000)),
        new("value of 4 GiB", ValueLimit, image => Reference32(image, 0, 20, 0xFFFF_FFFF)),
        new("value longer than the file", PageBounds, image => Reference32(image, 0, 20, int.MaxValue)),
        new("run that begins in the reserved area", PageBounds, image => Reference64(image, 0, 0, 0)),
        new("run that begins beyond the page count", PageBounds, image => Reference64(image, 0, 0, ulong.MaxValue)),
        new("one run for two values", PageUsedTwice, image =>
        {
            var leaf = image.Leaf(index: 1);
            image.Page(leaf.Number)
                .Slice(image.ValueOffset(leaf, 0), 24)
                .CopyTo(image.Page(leaf.Number)[image.ValueOffset(leaf, 1)..]);
            return image.Overflow().Number;
        }),
        new("run that reaches into another", PageUsedTwice, image =>
        {
            Reference32(image, 0, 20, 600);
            image.Set32(image.Overflow().Number, 24, 600);
            return image.Overflow(index: 1).Number;
        })
        { Also = [PageCrc] },
        new("run that is a leaf", PageKind, image =>
        {
            image.Page(image.Overflow().Number)[4] = 1;
            return image.Overflow().Number;
        }),
        new("run with a level", PageLevel, image =>
        {
            image.Page(image.Overflow().Number)[5] = 1;
            return image.Overflow().Number;
        }),
        new("other length in the run", OverflowLength, image => Header32(image, 24, 41)),
        new("other length in the reference", OverflowLength, image =>
        {
            Reference32(image, 0, 20, 39);
            return image.Overflow().Number;
        }),
        new("flipped bit in a value", PageCrc, image =>
        {
            var run = image.Overflow(index: 1).Number;
            image.Page(run + 1)[3] ^= 1;
            return run;
        })
        { Mends = Mending.Nothing },
        new("flipped bit behind a value", PageCrc, image =>
        {
            var run = image.Overflow(index: 1).Number;
            image.Page(run + 2)[511] ^= 1;
            return run;
        })
        { Mends = Mending.Nothing },
        new("run with another page number", PageNumber, image => Header32(image, 8, 2)),
        new("run of another birth than its reference", OverflowBirth, image => Header32(image, 16, 3)),
        new("run that is younger than its leaf", PageBirth, image =>
        {
            Reference64(image, 0, 8, 100);
            return Header32(image, 16, 100);
        }),
        new("run with a skip", PageSkip, image =>
        {
            image.Page(image.Overflow().Number)[6] = 1;
            return image.Overflow().Number;
        }),
        new("bytes behind the run's length", PageFlags, image => Header32(image, 28, 1)),
        new("byte behind a value", OverflowTail, image =>
        {
            var run = image.Overflow(index: 1).Number;
            image.Page(run + 2)[511] = 1;
            return run;
        }),
        new("byte right behind a value", OverflowTail, image =>
        {
            image.Page(image.Overflow().Number)[32 + 40] = 1;
            return image.Overflow().Number;
        }),
    ];

    private static ulong? Reference32(TestImage image, int index, int offset, long value)
    {
        var leaf = image.Leaf(index: 1);
        image.Set32(leaf.Number, image.ValueOffset(leaf, index) + offset, value);
        return leaf.Number;
    }

    private static ulong? Reference64(TestImage image, int index, int offset, ulong value)
    {
        var leaf = image.Leaf(index: 1);
        image.Set64(leaf.Number, image.ValueOffset(leaf, index) + offset, value);
        return leaf.Number;
    }

    private static ulong? Header32(TestImage image, int offset, long value)
    {
        image.Set32(image.Overflow().Number, offset, value);
        return image.Overflow().Number;
    }
}
