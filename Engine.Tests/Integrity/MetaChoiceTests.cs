using System.Buffers.Binary;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>
/// What a crash may leave behind is no problem: the check takes the state that recovery would take, and notes why.
/// </summary>
public sealed class MetaChoiceTests
{
    [Test]
    public void Check_WhenNewestMetaIsTorn_TakesTheOtherAndNotesIt()
    {
        var image = Verified();
        image.Meta[2000] ^= 1;

        var report = Check(image);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.TransactionId, Is.EqualTo(8));
        Assert.That(Rules(report.Notes), Is.EqualTo([IntegrityRules.MetaChecksum]));
    }

    [Test]
    public void Check_WhenNewestMetaWasNeverWritten_TakesTheOther()
    {
        var image = Verified();
        image.Meta.Clear();

        var report = Check(image);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.TransactionId, Is.EqualTo(8));
    }

    [Test]
    public void Check_WhenOtherMetaIsTorn_TakesTheNewestAndNotesIt()
    {
        var image = Verified();
        image.OtherMeta[100] ^= 1;

        var report = Check(image);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.TransactionId, Is.EqualTo(9));
        Assert.That(Rules(report.Notes), Is.EqualTo([IntegrityRules.MetaChecksum]));
    }

    [Test]
    public void Check_WhenPageOfVerifiedCommitIsMissing_TakesTheDurableMetaAndNotesIt()
    {
        var image = Verified();
        var page = image.Root().Number;
        image.Page(page).Clear();

        var report = Check(image);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.TransactionId, Is.EqualTo(8));
        Assert.That(
            report.Notes.Select(note => (note.Rule, note.Page)),
            Is.EqualTo([(IntegrityRules.MetaRejected, (ulong?)page)]));
    }

    [Test]
    public void Check_WhenFileIsTooShortForVerifiedCommit_TakesTheDurableMeta()
    {
        var image = Verified();
        image.Bytes = image.Bytes[..16384];

        var report = Check(image);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.TransactionId, Is.EqualTo(8));
    }

    [Test]
    public void Check_WhenOldPageOfVerifiedCommitIsDamaged_FindsItThroughTheTree()
    {
        var image = Verified();
        var page = image.Leaf(index: 1);
        Assert.That(page.Birth, Is.LessThan(9));
        image.Page(page.Number)[400] ^= 1;

        var report = Check(image);

        Assert.That(report.TransactionId, Is.EqualTo(9));
        var found = report.Problems.Select(problem => (problem.Rule, problem.Page));
        Assert.That(found, Is.EqualTo([(IntegrityRules.PageCrc, (ulong?)page.Number)]));
    }

    [Test]
    public void Check_WhenPageOfOrderedCommitIsDamaged_NeverFallsBack()
    {
        var builder = new ImageBuilder();
        builder.Default.Fill(50);
        var image = builder.Build();
        image.Page(image.Root().Number)[400] ^= 1;

        var report = Check(image);

        Assert.That(report.TransactionId, Is.EqualTo(9));
        Assert.That(report.IsOk, Is.False);
    }

    [Test]
    public void Check_WhenSubtreeIsLost_NotesItsPagesInsteadOfCallingThemLeaked()
    {
        var builder = new ImageBuilder();
        builder.Default.Fanout = 3;
        builder.Default.Fill(9);
        var image = builder.Build();
        image.Page(image.Branch().Number)[200] ^= 1;

        var report = Check(image);

        Assert.That(Rules(report.Problems), Is.EqualTo([IntegrityRules.PageCrc]));
        var noted = report.Notes.Select(note => (note.Rule, note.Page, note.PageCount));
        Assert.That(noted, Is.EqualTo([(IntegrityRules.PageUnaccounted, (ulong?)32, 3UL)]));
        Assert.That(report.LeakedPages, Is.Zero);
    }

    [Test]
    public void Check_OfSecondCommit_AcceptsTheFirstMetaBesideIt()
    {
        var builder = new ImageBuilder { Id = 2, DurableId = 1, OldestBirth = 1 };
        builder.Default.Fill(5);
        var image = builder.Build();
        BinaryPrimitives.WriteUInt64LittleEndian(image.OtherMeta[40..], 1);
        image.Mend();

        var report = Check(image);

        Assert.That(report.IsOk, report.ToString());
        Assert.That(report.Notes, Is.Empty);
    }

    private static TestImage Verified()
    {
        var builder = new ImageBuilder { IsVerified = true, OldestBirth = 7 };
        builder.Default.Fill(100);
        return builder.Build();
    }

    private static IntegrityReport Check(TestImage image) => IntegrityCheck.Run(new MemoryPageReader(image.File));

    private static IEnumerable<string> Rules(IEnumerable<IntegrityProblem> problems) =>
        problems.Select(problem => problem.Rule);
}
