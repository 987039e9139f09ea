using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>Files without damage pass, whatever features of the format they use.</summary>
public sealed class CleanImageTests
{
    [Test]
    public void Check_OfNewDatabase_Passes([Values(256, 512, 4096, 8192, 65536)] int pageSize)
    {
        var report = Check(new ImageBuilder(pageSize) { Id = 1, DurableId = 1 });

        Assert.Multiple(() =>
        {
            Assert.That(report.TransactionId, Is.EqualTo(1));
            Assert.That(report.MetaSlot, Is.Zero);
            Assert.That(report.PageSize, Is.EqualTo(pageSize));
            Assert.That(report.PageCount, Is.EqualTo(Math.Max(16384, pageSize) / pageSize));
            Assert.That(report.Trees, Is.EqualTo(1));
            Assert.That(report.Entries, Is.Zero);
        });
    }

    [Test]
    public void Check_OfOneLeaf_PassesAndCountsIt([Values(256, 512, 1024, 2048, 4096, 65536)] int pageSize)
    {
        var builder = new ImageBuilder(pageSize);
        builder.Default.Put("", "the empty key").Put("a", "").Put("ab", "1").Put("b", "2");

        var report = Check(builder);

        Assert.That((report.LeafPages, report.BranchPages, report.Entries), Is.EqualTo((1UL, 0UL, 4UL)));
    }

    [Test]
    public void Check_OfDeepTree_PassesAndCountsItsPages([Values(256, 512, 4096)] int pageSize)
    {
        var builder = new ImageBuilder(pageSize);
        builder.Default.Fanout = 3;
        builder.Default.Fill(100);

        var report = Check(builder);

        Assert.That(
            (report.LeafPages, report.BranchPages, report.Entries), Is.EqualTo((34UL, 12UL + 4 + 2 + 1, 100UL)));
    }

    [Test]
    public void Check_OfTreeThatIsAsDeepAsAllowed_Passes()
    {
        var builder = new ImageBuilder(256);
        builder.Default.Fanout = 2;
        builder.Default.MinimumDepth = 32;
        builder.Default.Fill(300);
        var image = builder.Build();

        Assert.That(Check(image).Entries, Is.EqualTo(300));
        Assert.That(image.Meta[64 + 12], Is.EqualTo(32));
    }

    [Test]
    public void Check_OfPagesOfDifferentBirths_Passes()
    {
        var builder = new ImageBuilder { OldestBirth = 3 };
        builder.Default.Fill(200);

        Check(builder);
    }

    [Test]
    public void Check_OfOverflowRuns_PassesAndCountsTheirPages()
    {
        var builder = new ImageBuilder(512) { OldestBirth = 2 };
        builder.Default.InlineLimit = 20;
        builder.Default
            .Put("empty is inline", "")
            .Put("fills its page", new string('x', 480))
            .Put("one byte more", new string('x', 481))
            .Put("long", new string('x', 600_000))
            .Put("short", new string('x', 21));

        var report = Check(builder);

        Assert.That(report.OverflowPages, Is.EqualTo(1 + 2 + 1172 + 1));
    }

    [Test]
    public void Check_OfNamedTrees_PassesAndCountsThem()
    {
        var builder = new ImageBuilder(512) { OldestBirth = 4 };
        for (var i = 0; i < 40; i++)
            builder.Tree($"tree-{i:d2}-æøå").Fill(i * 3);
        builder.Tree("with runs").InlineLimit = 4;
        builder.Tree("with runs").Fill(10, valueLength: 700);

        var report = Check(builder);

        Assert.That(report.Trees, Is.EqualTo(1 + 41));
        Assert.That(report.Entries, Is.EqualTo(3 * (39 * 40 / 2) + 10));
        Assert.That(report.OverflowPages, Is.EqualTo(20));
    }

    [Test]
    public void Check_OfFreePages_PassesAndCountsThem()
    {
        var builder = new ImageBuilder();
        builder.Hole(3);
        builder.Default.Fill(50);
        builder.Hole(200);
        builder.Tree("t").Fill(50);
        builder.Hole(1);

        var report = Check(builder);

        Assert.That(report.FreePages, Is.EqualTo(204));
        Assert.That(report.LeakedPages, Is.Zero);
    }

    [Test]
    public void Check_OfLogPagesAndHead_ReplaysThemOldestFirst()
    {
        var builder = new ImageBuilder();
        var hole = builder.Hole(10);
        builder.Default.Fill(20);
        builder.LogPage(new ImageLog().Group(3).Free(hole, 10, 2).Free(hole + 10, 1));
        builder.LogPage(
            new ImageLog().Group(4).Allocate(hole + 2, 5).Group(5).Allocate(hole + 10, 1).Free(hole + 3, 1, 4));
        builder.LogPage(new ImageLog().Group(6).Free(hole + 2, 1).Free(hole + 4, 3, 1).Allocate(hole, 10));
        builder.LogHead.Group(9).Free(hole, 10, 1);

        var report = Check(builder);

        Assert.That((report.LogPages, report.FreePages), Is.EqualTo((3UL, 10UL)));
    }

    [Test]
    public void Check_OfLongChainOfLogPages_ReplaysItInSegments()
    {
        var builder = new ImageBuilder(256);
        var hole = builder.Hole(1);
        for (var i = 0; i < 3000; i++)
            builder.LogPage(
                i % 2 == 0 ? new ImageLog().Group(3).Free(hole, 1, 1) : new ImageLog().Group(3).Allocate(hole, 1));
        builder.LogHead.Group(9).Free(hole, 1);

        var report = Check(builder);

        Assert.That(report.LogPages, Is.EqualTo(3000));
    }

    [Test]
    public void Check_OfVerifiedCommit_VerifiesItsPages()
    {
        var builder = new ImageBuilder { IsVerified = true, OldestBirth = 6 };
        builder.Default.InlineLimit = 20;
        builder.Default.Fill(100, valueLength: 21);
        builder.Tree("t").Fill(100);
        builder.LogPage(new ImageLog().Group(9));
        var image = builder.Build();

        Check(image);

        Assert.That(image.Runs, Has.Count.GreaterThan(5));
    }

    [Test]
    public void Check_OfFileThatIsLongerThanItsPages_Passes()
    {
        var builder = new ImageBuilder { Slack = 12_345 };
        builder.Default.Fill(10);
        var image = builder.Build();
        image.Bytes.AsSpan(^12_345..).Fill(0xAA);

        Check(image);
    }

    private static IntegrityReport Check(ImageBuilder builder) => Check(builder.Build());

    private static IntegrityReport Check(TestImage image)
    {
        var report = AnyDegree.Check(image.File);
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.Notes, Is.Empty);
        Assert.That(report.IsOk);
        return report;
    }
}
