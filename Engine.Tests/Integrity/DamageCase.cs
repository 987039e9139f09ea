using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>One planted damage, and the problem by which it must be found.</summary>
internal sealed class DamageCase(string name, string rule, Func<TestImage, ulong?> apply)
{
    private static readonly Lazy<TestImage> Ordered = new(() => Rich(isVerified: false).Build());
    private static readonly Lazy<TestImage> Verified = new(() => Rich(isVerified: true).Build());

    /// <summary>What becomes of the checksums after the damage.</summary>
    public enum Mending
    {
        /// <summary>All are recomputed, so that the damaged structure passes for genuine.</summary>
        Everything,

        /// <summary>Only those of the superblock and the metas.</summary>
        Blocks,

        /// <summary>They stay as they were.</summary>
        Nothing,
    }

    public string Rule { get; } = rule;

    public Mending Mends { get; init; }

    /// <summary>Rules that the same damage breaks as well.</summary>
    public string[] Also { get; init; } = [];

    public bool IsVerified { get; init; }

    /// <summary>An image of its own, if the usual one does not do.</summary>
    public ImageBuilder? Builder { get; init; }

    /// <summary>Damages an image; returns it and the page at which the problem is to be reported.</summary>
    public (TestImage Image, ulong? Page) Apply()
    {
        var image = Builder?.Build() ?? (IsVerified ? Verified : Ordered).Value.Clone();
        var page = apply(image);
        if (Mends == Mending.Everything)
            image.Mend();
        else if (Mends == Mending.Blocks)
            image.MendBlocks();
        return (image, page);
    }

    public override string ToString() => name;

    /// <summary>The image before the damage: every feature, and nothing wrong.</summary>
    public static TestImage Sound(bool isVerified) => (isVerified ? Verified : Ordered).Value.Clone();

    /// <summary>
    /// Every feature at once: a default tree of three levels with overflow runs, named trees, free pages, log pages and
    /// a log head. The first hole is pages 32 to 36.
    /// </summary>
    private static ImageBuilder Rich(bool isVerified)
    {
        var builder = new ImageBuilder(512) { IsVerified = isVerified, OldestBirth = 6 };
        var hole = builder.Hole(5);
        builder.Default.Fanout = 4;
        builder.Default.InlineLimit = 30;
        builder.Default.Fill(40).Put("key-00004", new string('o', 40)).Put("key-00005", new string('o', 1500))
            .Put("key-00016", new string('o', 100));
        builder.Tree("animals").Fill(40);
        builder.Tree("numbers").Fill(3);
        builder.Tree("void");
        builder.LogPage(new ImageLog().Group(4).Free(hole, 4, 1).Group(5).Free(hole + 4, 1, 2));
        builder.LogPage(new ImageLog().Group(7).Allocate(hole + 1, 2));
        builder.LogHead.Group(8).Free(hole + 1, 2, 1);
        return builder;
    }
}
