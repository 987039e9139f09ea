using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>What the spaces of the bounded tier promise to reach.</summary>
[TestFixture]
public class ProgramSpaceTests
{
    [Test]
    public void Beginnings_OfTheFullBound_HaveTheShapesThatTheirNamesSay()
    {
        var shapes = ProgramSpace.Full.ToDictionary(
            s => s.Name, s => ImageChecker.Check(ProgramStart.After(s.Beginning).Image.Database));
        Assert.That(shapes["an empty database"].Meta.Default.Entries, Is.Zero);
        Assert.That(shapes["a tree of two levels"].Meta.Default.BranchPages, Is.Positive);
        Assert.That(shapes["named trees"].Trees, Has.Count.EqualTo(3));
        var pairs = shapes["a tree of pairs"].Trees.Single(static tree => tree.Name.Length > 0).Record;
        Assert.That((pairs.Flags, pairs.Depth), Is.EqualTo(((byte)3, (byte)2)), "counted, multi-valued, of two levels");
        var moved = shapes["moved trees"].Trees.Where(static tree => tree.Name.Length > 0).ToList();
        Assert.That(moved.Select(static tree => tree.Attributes.Length), Is.All.Positive, "with codecs");
        Assert.That(moved.Select(static tree => tree.Record.Flags), Is.EqualTo(new byte[] { 1, 0 }));
        Assert.That(shapes["a log of several pages"].Meta.LogPages, Is.GreaterThan(1));
    }

    [TestCase(256)]
    [TestCase(512)]
    public void LargeValues_OfTheAlphabet_SplitALeafWithTheThird(int pageSize)
    {
        var space = ProgramSpace.Full.First(s => s.Beginning.PageSize == pageSize);
        var puts = space.Alphabet.Take(3).ToList();
        Assert.That(Branches(puts.Take(2)), Is.Zero);
        Assert.That(Branches(puts), Is.Positive);

        ulong Branches(IEnumerable<Operation> operations) =>
            ImageChecker.Check(
                ProgramStart.After(
                    new OperationProgram(
                        pageSize,
                        [.. operations, new Operation(OperationKind.Commit)])).Image.Database).Meta.Default.BranchPages;
    }

    [Test]
    public void Programs_OfASpace_AreAllOfUpToItsLength() => Assert.That(
        new ProgramSpace(
            "three",
            new OperationProgram(256, []),
            [new(OperationKind.Commit), new(OperationKind.Abort)],
            3,
            0,
            CrashBounds.Small).Programs,
        Is.EqualTo(1 + 2 + 4 + 8));
}
