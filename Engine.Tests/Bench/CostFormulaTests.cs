using Engine.Bench.Costs;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class CostFormulaTests
{
    [TestCase(new long[] { 1 })]
    [TestCase(new long[] { 1, 8, 908 })]
    [TestCase(new long[] { 1, 3, 313, 44_000 })]
    [TestCase(new long[] { 1, 300, 30_000, 10_000_000_000 })]
    public void ExpectedPages_OfOneOverwrite_IsOnePagePerLevel(long[] levels) =>
        Assert.That(CostFormula.ExpectedPages(levels, 1), Is.EqualTo(levels.Length).Within(1e-9));

    [Test]
    public void ExpectedPages_OfTwoOverwritesInTwoPages_IsOneAndAHalf() =>
        Assert.That(CostFormula.ExpectedPages([2], 2), Is.EqualTo(1.5).Within(1e-12));

    [Test]
    public void ExpectedPages_OfVeryManyOverwrites_IsEveryPage() =>
        Assert.That(CostFormula.ExpectedPages([1, 10, 1000], 1_000_000), Is.EqualTo(1011).Within(1e-6));

    [TestCase(10)]
    [TestCase(1000)]
    [TestCase(5000)]
    public void ExpectedPages_IsTheMeanOfAnExperiment(int overwrites)
    {
        const int Trials = 400;
        const int Leaves = 1000;
        const int LeavesPerBranch = 50;
        Random random = new(overwrites);
        long touched = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            HashSet<int> leaves = [.. Enumerable.Range(0, overwrites).Select(_ => random.Next(Leaves))];
            touched += leaves.Count + leaves.Select(leaf => leaf / LeavesPerBranch).Distinct().Count() + 1;
        }

        double mean = (double)touched / Trials;
        Assert.That(
            CostFormula.ExpectedPages([1, Leaves / LeavesPerBranch, Leaves], overwrites),
            Is.EqualTo(mean).Within(1).Percent);
    }
}
