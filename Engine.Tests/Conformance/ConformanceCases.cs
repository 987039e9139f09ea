using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Conformance;

/// <summary>
/// What the planted damages of the integrity check do not have: sound files of every kind, and choices between two
/// metas.
/// </summary>
internal static class ConformanceCases
{
    public static IEnumerable<ConformanceImage> Sound
    {
        get
        {
            yield return New("sound, of every feature, ordered", "-", DamageCase.Sound(isVerified: false).File);
            yield return New("sound, of every feature, verified", "-", DamageCase.Sound(isVerified: true).File);
            yield return New("sound, an empty database", "-", new ImageBuilder { Id = 1, DurableId = 1 }.Build().File);
            yield return New("sound, longer than its pages", "-", Filled(new ImageBuilder { Slack = 1000 }).File);
            yield return New("sound, a run list in a list run", "-", WithListRun(isVerified: true));
            yield return New("sound, a list run that an ordered meta names", "-", WithListRun(isVerified: false));
            yield return New("sound, attributes that may be ignored", "-", WithAttributes("named"));
            yield return New("sound, attributes of the database", "-", WithAttributes(""));
            yield return New(
                "sound, version 2, of every feature", "-", Filled(new ImageBuilder { Version = 2 }).File);
            yield return New(
                "sound, version 2, verified", "-",
                Filled(new ImageBuilder { Version = 2, IsVerified = true, OldestBirth = 7 }).File);
            yield return New("sound, a counted tree", "-", Counted(static _ => { }));
            yield return New("sound, a multi-valued tree", "-", WithPairs(0));
            yield return New("sound, a multi-valued tree of keys of one length", "-", WithPairs(2));
            yield return New("sound, a named snapshot", "-", SnapshotDamage.Named().Build().File);
            yield return New("sound, a named snapshot, verified", "-", SnapshotDamage.Named(true).Build().File);
            yield return New("sound, named snapshots of every kind", "-", WithSnapshots(4096));
            yield return New("sound, named snapshots of every kind in pages of 256 bytes", "-", WithSnapshots(256));
            yield return New("sound, names of snapshots that went", "-", WithoutSnapshots());
            yield return New("sound, a tree of names that means nothing", "-", WithMeaninglessNames());
            yield return New("sound, pages of 256 bytes", "-", Filled(new ImageBuilder(256)).File);
            yield return New("sound, pages of 4096 bytes", "-", Filled(new ImageBuilder(4096)).File);
            yield return New("sound, pages of 65536 bytes", "-", Filled(new ImageBuilder(65536)).File);
        }
    }

    /// <summary>Section 10: each slot sound, damaged or away, in every order.</summary>
    public static IEnumerable<ConformanceImage> Choices
    {
        get
        {
            yield return Chosen("choice, newest meta torn", image => image.Meta[2000] ^= 1);
            yield return Chosen("choice, newest meta never written", image => image.Meta.Clear());
            yield return Chosen("choice, other meta torn", image => image.OtherMeta[100] ^= 1);
            yield return Chosen(
                "choice, page of the verified commit missing", image => image.Page(image.Root().Number).Clear());
            yield return Chosen(
                "choice, file too short for the verified commit", image => image.Bytes = image.Bytes[..16384]);
            yield return Chosen("choice, page of the verified commit missing and the other meta torn", image =>
            {
                image.Page(image.Root().Number).Clear();
                image.OtherMeta[100] ^= 1;
            });
            yield return Chosen(
                "choice, page of the verified commit missing and the other meta not the durable one", image =>
                {
                    image.Page(image.Root().Number).Clear();
                    BinaryPrimitives.WriteUInt64LittleEndian(image.OtherMeta[32..], 7);
                    BinaryPrimitives.WriteUInt64LittleEndian(image.OtherMeta[40..], 6);
                    image.MendBlocks();
                });
            yield return Chosen("choice, newest meta with an impossible page count", image =>
            {
                BinaryPrimitives.WriteUInt64LittleEndian(image.Meta[48..], 31);
                image.MendBlocks();
            });
            yield return Chosen("choice, newest meta without entries under its root", image =>
            {
                BinaryPrimitives.WriteUInt64LittleEndian(image.Meta[(64 + 16)..], 0);
                image.MendBlocks();
            });
            yield return Chosen("choice, newest meta with durable id above its own", image =>
            {
                BinaryPrimitives.WriteUInt64LittleEndian(image.Meta[40..], 10);
                image.MendBlocks();
            });
        }
    }

    /// <summary>What is wrong with counted trees.</summary>
    public static IEnumerable<ConformanceImage> Counts
    {
        get
        {
            yield return New(
                "count of a leaf", "entry-count", Counted(static image => ChangeCount(image, image.Branch("counted"))));
            yield return New(
                "count of a branch", "entry-count", Counted(static image => ChangeCount(image, image.Root("counted"))));
            yield return New(
                "counted tree with a branch that is not",
                "page-flags",
                Counted(static image => image.Set16(image.Branch("counted").Number, 30, 0)));
        }
    }

    /// <summary>What is wrong with multi-valued trees.</summary>
    public static IEnumerable<ConformanceImage> Pairs
    {
        get
        {
            yield return New("pair without an end", "pair", OfPairs(0, static tree => tree.Put("a", "")));
            yield return New("pair with half an end", "pair", OfPairs(0, static tree => tree.Put("a\0", "")));
            yield return New("pair with another escape", "pair", OfPairs(0, static tree => tree.Put("a\0b\0\0", "a")));
            yield return New(
                "pair whose key is not beside it", "pair", OfPairs(0, static tree => tree.Put([0, 255, 0, 0, 1], [])));
            yield return New(
                "pair with another key beside it", "pair", OfPairs(0, static tree => tree.Put([0, 255, 0, 0, 1], [1])));
            yield return New(
                "pair with a key beside it for nothing", "pair", OfPairs(0, static tree => tree.Put("a\0\0", "a")));
            yield return New("pair shorter than its key", "pair", OfPairs(2, static tree => tree.Put("a", "")));
            yield return New("pair of one length with a value", "pair", OfPairs(2, static tree => tree.Put("ab", "c")));
            yield return New("key size above the limit", "key-size", OfPairs(65, static _ => { }));
            yield return New("key size 0", "key-size", OfPairs(0, static _ => { }, hasKeySize: true));
            yield return New(
                "key size of a tree that is not multi-valued",
                "key-size",
                OfPairs(2, static tree => tree.IsMultiValued = false));
        }
    }

    private static void ChangeCount(TestImage image, ImagePage branch) =>
        image.Page(branch.Number)[32 + (18 * image.Get16(branch.Number, 24))]++;

    /// <summary>What version 2 decides otherwise than version 3.</summary>
    public static IEnumerable<ConformanceImage> Old
    {
        get
        {
            yield return OfVersion2("newest meta torn", "-", image => image.Meta[2000] ^= 1);
            yield return OfVersion2(
                "page of the verified commit missing", "-", image => image.Page(image.Root().Number).Clear());
            yield return OfVersion2("81 runs", "meta-run-count", image =>
            {
                image.OtherMeta[56] = 1;
                image.OtherMeta[57] = 81;
                image.MendBlocks();
            });
            yield return OfVersion2("byte behind the run list", "meta-zeros", image =>
            {
                image.Meta[1216] = 1;
                image.MendBlocks();
            });
            yield return OfVersion2("unknown required feature in the other slot", "meta-features", image =>
            {
                image.OtherMeta[60] = 1;
                image.MendBlocks();
            });
        }
    }

    /// <summary>A counted tree of three levels.</summary>
    private static byte[] Counted(Action<TestImage> change)
    {
        var builder = new ImageBuilder();
        var tree = builder.Tree("counted").Fill(100);
        tree.IsCounted = true;
        tree.Fanout = 6;
        var image = builder.Build();
        change(image);
        image.Mend();
        return image.File;
    }

    /// <summary>A multi-valued tree of several pages.</summary>
    /// <param name="keySize">The length of its keys; 0 if they have different ones.</param>
    private static byte[] WithPairs(int keySize)
    {
        var builder = new ImageBuilder();
        var tree = builder.Tree("pairs");
        tree.IsMultiValued = true;
        for (var i = 0; i < 60; i++)
        {
            byte[] key = keySize == 0 ? [.. new byte[i % 3], (byte)(i % 3)] : [1, (byte)(i % 5)];
            byte[] escaped = [.. key.SelectMany(static b => b == 0 ? new byte[] { 0, 255 } : [b]), 0, 0];
            tree.Put([.. keySize == 0 ? escaped : key, (byte)i], keySize == 0 && key.Contains((byte)0) ? key : []);
        }

        AddKeySize(builder, "pairs", keySize == 0 ? -1 : keySize);
        return builder.Build().File;
    }

    /// <summary>A multi-valued tree of few entries.</summary>
    private static byte[] OfPairs(int keySize, Action<ImageTree> change, bool hasKeySize = false)
    {
        var builder = new ImageBuilder();
        var tree = builder.Tree("pairs");
        tree.IsMultiValued = true;
        AddKeySize(builder, "pairs", hasKeySize ? 0 : keySize == 0 ? -1 : keySize);
        change(tree);
        return builder.Build().File;
    }

    private static void AddKeySize(ImageBuilder builder, string tree, int keySize)
    {
        if (keySize >= 0)
        {
            builder.Attributes[tree] = [6, 128, 2, 0, (byte)keySize, (byte)(keySize >> 8)];
        }
    }

    private static ConformanceImage OfVersion2(string name, string rule, Action<TestImage> change)
    {
        var builder = new ImageBuilder { Version = 2, IsVerified = true, OldestBirth = 7 };
        builder.Default.Fill(100);
        var image = builder.Build();
        change(image);
        return New($"version 2, {name}", rule, image.File);
    }

    private static byte[] WithListRun(bool isVerified) => Filled(
        new ImageBuilder
        {
            IsVerified = isVerified,
            OldestBirth = 7,
            ListRunBirth = isVerified ? 9UL : 8,
        }).File;

    /// <summary>
    /// Two names of one state, one that shares its trees with the newest state, another's named trees, and its own.
    /// </summary>
    private static byte[] WithSnapshots(int pageSize)
    {
        var builder = new ImageBuilder(pageSize) { OldestBirth = 4 };
        builder.Default.Fill(3);
        builder.Default.Birth = 8;
        builder.Snapshot(new ImageSnapshot(4), "c", "d").Default.Fill(40);
        var other = builder.Snapshot(new ImageSnapshot(6), "b");
        other.Default.InlineLimit = 30;
        other.Default.Fill(3, valueLength: 600);
        builder.Snapshot(new ImageSnapshot(8) { SharesDefault = true }, "a");
        builder.Snapshot(new ImageSnapshot(9) { IsOwn = true }, "own");
        return builder.Build().File;
    }

    /// <summary>A pin and its end, and no tree of names.</summary>
    private static byte[] WithoutSnapshots()
    {
        var builder = new ImageBuilder { HasNames = true };
        builder.LogHead.Group(8).Pin(7).Group(9).Unpin(7);
        return Filled(builder).File;
    }

    /// <summary>A copy of a state has the tree of names, and not what it names.</summary>
    private static byte[] WithMeaninglessNames()
    {
        var builder = new ImageBuilder();
        builder.Tree(ImageSnapshot.Tree).Put("old"u8.ToArray(), new ImageSnapshot(5).Entry).Put("other", "no entry");
        return Filled(builder).File;
    }

    private static byte[] WithAttributes(string name)
    {
        var builder = new ImageBuilder();
        builder.Attributes[name] = [5, 0, 2, 0, 1, 2, 200, 0, 0, 0];
        return Filled(builder).File;
    }

    private static TestImage Filled(ImageBuilder builder)
    {
        builder.Default.Fill(30);
        builder.Tree("named").Fill(3);
        return builder.Build();
    }

    private static ConformanceImage Chosen(string name, Action<TestImage> change)
    {
        var builder = new ImageBuilder { IsVerified = true, OldestBirth = 7 };
        builder.Default.Fill(100);
        var image = builder.Build();
        change(image);
        return New(name, "-", image.File);
    }

    private static ConformanceImage New(string name, string rule, byte[] bytes) => new(name, rule, bytes);
}
