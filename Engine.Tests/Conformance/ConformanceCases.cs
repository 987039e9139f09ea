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
