using System.Text;

namespace Engine.PropertyTests.Checking;

[TestFixture]
public class ImageCheckerTests
{
    private static readonly byte[] Long = Enumerable.Range(0, 300).Select(i => (byte)i).ToArray();

    [Test]
    public void Check_OfAnEmptyDatabase_FindsOneEmptyTree()
    {
        var builder = new ImageBuilder(256, 64);
        builder.Meta(0, 1, 1, 64, ImageBuilder.Empty(0));
        var report = ImageChecker.Check(builder.Bytes, collect: true);
        Assert.That(report.Trees, Has.Count.EqualTo(1));
        Assert.That(report.Trees[0].Entries, Is.Empty);
        Assert.That(report.Meta.Id, Is.EqualTo(1));
    }

    [Test]
    public void Check_OfBranchesOverflowNamesAndLog_FindsEverything()
    {
        var report = ImageChecker.Check(Rich().Bytes, collect: true);
        Assert.That(report.Trees.Select(t => t.Name), Is.EqualTo(new[] { "", "users" }));
        Assert.That(
            report.Trees[0].Entries!.Select(e => Encoding.UTF8.GetString(e.Key)),
            Is.EqualTo(new[] { "alpha", "alps", "beta", "big" }));
        Assert.That(report.Trees[0].Entries![3].Value, Is.EqualTo(Long));
        Assert.That(report.Trees[1].Entries!.Select(e => Encoding.UTF8.GetString(e.Key)), Is.EqualTo(new[] { "zoe" }));
        Assert.That(report.LogPages.Pages(), Is.EqualTo(new[] { 71L }));
        Assert.That(report.Free, Is.EqualTo(new Dictionary<long, FreePage> { [72] = new(2, 3), [73] = new(4, 4) }));
        Assert.That(report.Reachable.Pages(), Is.EqualTo(new long[] { 64, 65, 66, 67, 68, 69, 70 }));
        Assert.That(
            Reachability.Of(Rich().Bytes, report.Meta).Pages(),
            Is.EqualTo(new long[] { 64, 65, 66, 67, 68, 69, 70, 71 }));
    }

    [Test]
    public void Check_OfEqualContents_GivesEqualDigests()
    {
        var one = ImageChecker.Check(TwoCommits().Bytes);
        var builder = new ImageBuilder(512, 40);
        var crc = builder.Leaf(39, 1, "a", "b", "c");
        builder.Meta(1, 1, 1, 40, ImageBuilder.Record(39, crc, 1, 3, 1, 0, 0, 0, 1), logHead: [1, 1, 2, 32, 7, 0]);
        Assert.That(ImageChecker.Check(builder.Bytes).Digest, Is.EqualTo(one.Digest));
    }

    [Test]
    public void Choose_WhenTheVerifiedMetaMatches_TakesIt()
    {
        var choice = MetaChooser.Choose(TwoCommits().Bytes);
        Assert.That((choice.Meta.Id, choice.IsFallback, choice.HighestId), Is.EqualTo((3UL, false, 3UL)));
    }

    [Test]
    public void Choose_WhenAListedPageIsLost_TakesTheDurableMeta()
    {
        var builder = TwoCommits();
        builder.Page(65).Clear();
        var choice = MetaChooser.Choose(builder.Bytes);
        Assert.That((choice.Meta.Id, choice.IsFallback, choice.HighestId), Is.EqualTo((2UL, true, 3UL)));
        Assert.That(ImageChecker.Check(builder.Bytes, choice, collect: true).Trees[0].Entries, Has.Count.EqualTo(2));
    }

    [Test]
    public void Choose_WhenTheDurableMetaIsNotTheOther_IsCorrupt()
    {
        var builder = TwoCommits();
        builder.Meta(0, 1, 1, 64, ImageBuilder.Empty(0));
        builder.Page(65).Clear();
        Assert.That(
            () => MetaChooser.Choose(builder.Bytes),
            Throws.TypeOf<ImageException>().With.Message.Contains("names as durable"));
    }

    [Test]
    public void Choose_WhenTheNewerMetaIsTorn_TakesTheOther()
    {
        var builder = TwoCommits();
        builder.Bytes[2 * 4096 + 3000] ^= 1;
        var choice = MetaChooser.Choose(builder.Bytes);
        Assert.That((choice.Meta.Id, choice.HighestId), Is.EqualTo((2UL, 2UL)));
    }

    [Test]
    public void Choose_WhenTheFileEndsBeforeAListedPage_TakesTheDurableMeta() =>
        Assert.That(MetaChooser.Choose(TwoCommits().Bytes.AsSpan(0, 65 * 256)).Meta.Id, Is.EqualTo(2));

    [Test]
    public void Choose_WithTwoMetasOfOneId_IsCorrupt()
    {
        var builder = new ImageBuilder(256, 64);
        builder.Meta(0, 4, 3, 64, ImageBuilder.Empty(0));
        builder.Meta(1, 4, 3, 64, ImageBuilder.Empty(0));
        Assert.That(
            () => MetaChooser.Choose(builder.Bytes),
            Throws.TypeOf<ImageException>().With.Message.Contains("both metas"));
    }

    [TestCase(64, 24, 9, "")] // more children than there are
    [TestCase(65, 4, 2, "kind")]
    [TestCase(65, 8, 66, "says that it is page")]
    [TestCase(65, 16, 200, "born in")]
    [TestCase(65, 28, 1, "bytes of cells")]
    [TestCase(65, 30, 1, "has the flags")]
    [TestCase(65, 50, 1, "gap")]
    [TestCase(65, 6, 7, "skip")]
    [TestCase(65, 32, 0xEE, "head")]
    [TestCase(71, 24, 100, "tag 0")]
    public void Check_WithOneByteChangedAndTheChecksumsMended_NamesTheRule(
        int page, int offset, int value, string message)
    {
        var builder = Rich();
        builder.Page(page)[offset] = (byte)value;
        Assert.That(
            () => ImageChecker.Check(Mend(builder).Bytes),
            Throws.TypeOf<ImageException>().With.Message.Contains(message));
    }

    [Test]
    public void Check_WithAnyBitOfAnyUsedPageFlipped_FindsIt()
    {
        var builder = Rich();
        for (var bit = 64 * 256 * 8; bit < 72 * 256 * 8; bit++)
        {
            builder.Bytes[bit / 8] ^= (byte)(1 << (bit & 7));
            Assert.That(() => ImageChecker.Check(builder.Bytes), Throws.TypeOf<ImageException>(), $"bit {bit}");
            builder.Bytes[bit / 8] ^= (byte)(1 << (bit & 7));
        }
    }

    [TestCase(new byte[] { 1, 3, 2, 72, 1, 1 }, "leaked")]
    [TestCase(new byte[] { 1, 3, 2, 72, 2, 1, 2, 73, 1, 0 }, "freed twice")]
    [TestCase(new byte[] { 1, 3, 2, 70, 4, 1 }, "reachable free")]
    [TestCase(new byte[] { 1, 3, 2, 72, 2, 1, 3, 71, 1 }, "without being free")]
    [TestCase(new byte[] { 2, 72, 2, 1 }, "does not begin with a group")]
    [TestCase(new byte[] { 1, 3, 2, 72, 3, 1 }, "not inside the file")]
    [TestCase(new byte[] { 1, 3, 2, 72, 2, 3 }, "with the age")]
    [TestCase(new byte[] { 1, 9, 2, 72, 2, 1 }, "which the meta does not know")]
    [TestCase(new byte[] { 1, 3, 9 }, "tag 9")]
    [TestCase(new byte[] { 1, 3, 2, 72, 0x80 }, "cut off")]
    public void Check_WithABrokenSpaceLog_NamesTheRule(byte[] log, string message) =>
        Assert.That(
            () => ImageChecker.Check(Rich(log).Bytes), Throws.TypeOf<ImageException>().With.Message.Contains(message));

    [Test]
    public void Check_WhenTheRunListMissesABornPage_SaysSo()
    {
        var builder = new ImageBuilder(256, 66);
        var crc = builder.Leaf(64, 2, "a");
        builder.Meta(0, 1, 1, 64, ImageBuilder.Empty(0));
        builder.Meta(
            1, 2, 1, 66, ImageBuilder.Record(64, crc, 1, 1, 1, 0, 0, 0, 2), runs: [], logHead: [1, 1, 2, 65, 1, 0]);
        Assert.That(
            () => ImageChecker.Check(builder.Bytes),
            Throws.TypeOf<ImageException>().With.Message.Contains("lists the pages"));
    }

    private static ImageBuilder TwoCommits()
    {
        var builder = new ImageBuilder(256, 66);
        var old = builder.Leaf(64, 2, "a", "b");
        var crc = builder.Leaf(65, 3, "a", "b", "c");
        builder.Meta(0, 2, 1, 65, ImageBuilder.Record(64, old, 1, 2, 1, 0, 0, 0, 2));
        builder.Meta(
            1,
            3,
            2,
            66,
            ImageBuilder.Record(65, crc, 1, 3, 1, 0, 0, 0, 3),
            runs: [(65, 1)],
            logHead: [1, 3, 2, 64, 1, 1]);
        return builder;
    }

    private static ImageBuilder Rich(byte[]? head = null)
    {
        var builder = new ImageBuilder(256, 74);
        var value = builder.Overflow(67, 3, Long);
        builder.Leaf(65, 2, "alpha", "alps");
        builder.Leaf(66, 3, (ImageBuilder.Key("beta"), [1], null), (ImageBuilder.Key("big"), null, value));
        builder.Leaf(69, 2, "zoe");
        return Mend(builder, head);
    }

    // The references from the roots down, made right again after a page was changed.
    private static ImageBuilder Mend(ImageBuilder builder, byte[]? head = null)
    {
        if (builder.Page(64)[4] == 0)
        {
            builder.Branch(64, 3, 1, ("", 65, builder.Seal(65)), ("b", 66, builder.Seal(66)));
        }
        else
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(
                builder.Page(64)[(32 + 8 + 8)..], builder.Seal(65));
        }

        var root = builder.Seal(64);
        var record = ImageBuilder.Record(69, builder.Seal(69), 1, 1, 1, 0, 0, 2, 2);
        var catalog = builder.Leaf(70, 3, (ImageBuilder.Key("users"), record, null));
        var log = builder.Page(71)[4] == 0
            ? builder.Log(71, 3, 0, 0, [1, 2, 2, 70, 1, 1, 2, 72, 1, 0, 1, 3, 3, 70, 1, 3, 72, 1])
            : builder.Seal(71);
        builder.Meta(0, 2, 1, 70, ImageBuilder.Empty(0));
        builder.Meta(
            1,
            4,
            2,
            74,
            ImageBuilder.Record(64, root, 2, 4, 2, 1, 2, 0, 3),
            ImageBuilder.Record(70, catalog, 1, 1, 1, 0, 0, 1, 3),
            logHead: head ?? [1, 3, 2, 72, 1, 1, 1, 4, 2, 73, 1, 0],
            log: (71, log, 1),
            nextTreeId: 3);
        return builder;
    }
}
