using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

public sealed class OptionTests
{
    [Test]
    public void Check_OfGivenMeta_DoesNotLookAtTheOtherSlot()
    {
        var image = Image();
        image.OtherMeta.Fill(0xEE);

        var report = IntegrityCheck.Run(new MemoryPageReader(image.File), new IntegrityCheckOptions { MetaId = 9 });

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.Notes, Is.Empty);
        Assert.That(report.TransactionId, Is.EqualTo(9));
    }

    [Test]
    public void Check_OfGivenOlderMeta_ChecksThatState()
    {
        var report = IntegrityCheck.Run(new MemoryPageReader(Image().File), new IntegrityCheckOptions { MetaId = 8 });

        Assert.That(report.IsOk, report.ToString());
        Assert.That((report.TransactionId, report.Entries), Is.EqualTo((8UL, 0UL)));
    }

    [Test]
    public void Check_OfGivenMetaThatIsNotThere_SaysSo()
    {
        var report = IntegrityCheck.Run(new MemoryPageReader(Image().File), new IntegrityCheckOptions { MetaId = 10 });

        Assert.That(
            report.Problems.Single().ToString(),
            Is.EqualTo("meta-not-found: file: expected a meta with id 10, found 9, 8"));
        Assert.That(report.MetaSlot, Is.Null);
    }

    [Test]
    public void Check_OfGivenVerifiedMetaThatFails_ReportsTheItemAndWalksOn()
    {
        var builder = new ImageBuilder { IsVerified = true };
        builder.Default.Fill(100);
        var image = builder.Build();
        var leaf = image.Leaf(index: 2).Number;
        image.Page(leaf)[300] ^= 1;

        var report = IntegrityCheck.Run(new MemoryPageReader(image.File), new IntegrityCheckOptions { MetaId = 9 });

        var found = report.Problems.Select(problem => (problem.Rule, problem.Page));
        Assert.That(
            found, Is.EqualTo([(IntegrityRules.RunListItem, (ulong?)leaf), (IntegrityRules.PageCrc, (ulong?)leaf)]));
        Assert.That(report.LeafPages, Is.GreaterThan(1));
    }

    [Test]
    public void Check_WithMoreProblemsThanAreWanted_KeepsTheFirstAndCountsAll()
    {
        var image = Image();
        foreach (var leaf in image.Pages.Where(page => page.Kind == 1))
            image.Page(leaf.Number)[300] ^= 1;

        var report =
            IntegrityCheck.Run(new MemoryPageReader(image.File), new IntegrityCheckOptions { MaximumProblems = 3 });

        Assert.That(report.Problems, Has.Count.EqualTo(3));
        Assert.That(report.ProblemCount, Is.EqualTo(image.Pages.Count(page => page.Kind == 1)));
        Assert.That(report.ToString(), Does.EndWith($"  ... and {report.ProblemCount - 3} more"));
    }

    [Test]
    public void Check_WhenCancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.That(
            () => IntegrityCheck.Run(new MemoryPageReader(Image().File), null, source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Check_OfManyPages_ReportsItsProgress()
    {
        var builder = new ImageBuilder(256);
        builder.Default.Fill(10, valueLength: 200_000);
        var image = builder.Build();
        var progress = new List<IntegrityProgress>();

        var report = IntegrityCheck.Run(
            new MemoryPageReader(image.File), new IntegrityCheckOptions { Progress = progress.Add });

        Assert.That(progress, Is.Not.Empty);
        Assert.That(progress.Select(step => step.PagesChecked), Is.Ordered);
        Assert.That(progress[^1].PageCount, Is.EqualTo(report.PageCount));
        Assert.That(progress[^1].PagesChecked, Is.LessThanOrEqualTo(report.PageCount));
    }

    [Test]
    public void Check_WhenFileIsCutShortMeanwhile_ReportsIt()
    {
        var reader = new ShrinkingReader(Image().File);

        var report = IntegrityCheck.Run(reader);

        Assert.That(report.Problems.Single().Rule, Is.EqualTo(IntegrityRules.FileLength));
    }

    [Test]
    public void Check_WhenFileCannotBeRead_Throws()
    {
        Assert.That(() => IntegrityCheck.Run(new FailingReader()), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Problem_InADeepTree_NamesTheTreeAndThePathToThePage()
    {
        var builder = new ImageBuilder();
        builder.Tree("animals").Fanout = 2;
        builder.Tree("animals").Fill(8);
        var image = builder.Build();
        var leaf = image.Leaf("animals", 3);
        image.Set16(leaf.Number, 28, 5);
        image.Mend();

        var report = IntegrityCheck.Run(new MemoryPageReader(image.File));

        Assert.That(
            report.Problems.Single().ToString(),
            Is.EqualTo(
                "node-dead: page 35, tree \"animals\" below 38 > 37: expected 0 bytes that belong to no cell, found "
                + "5"));
        Assert.That(
            report.ToString(),
            Does.StartWith(
                "1 problem(s): transaction 9 in meta slot 0, 40 pages of 512 bytes (5 leaf, 3 branch, 0 overflow, 0 "
                + "log, 0 run list, "));
    }

    [Test]
    public void Problem_OfSeveralPages_NamesThemAsOneExtent()
    {
        var builder = new ImageBuilder();
        builder.Hole(7);
        builder.LogHead.Group(9);

        var report = IntegrityCheck.Run(new MemoryPageReader(builder.Build().File));

        Assert.That(
            report.Problems.Single().ToString(),
            Is.EqualTo(
                "page-leaked: pages 32 to 38 (7), file: expected pages reachable, in the space log or free, found none "
                + "of these"));
    }

    private static TestImage Image()
    {
        var builder = new ImageBuilder();
        builder.Default.Fill(200);
        return builder.Build();
    }

    private sealed class ShrinkingReader(byte[] bytes) : IPageReader
    {
        public long Length => bytes.Length;

        public void Read(long offset, Span<byte> destination)
        {
            if (offset >= 16384 + 1024)
                throw new DatabaseCorruptException("The file is shorter than it was.");
            bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }

    private sealed class FailingReader : IPageReader
    {
        public long Length => 1 << 20;

        public void Read(long offset, Span<byte> destination) => throw new IOException("Input/output error");
    }
}
