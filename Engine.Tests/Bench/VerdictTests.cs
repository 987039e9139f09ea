using Engine.Bench.Measuring;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class VerdictTests
{
    [Test]
    public void Of_SixRoundsThatAreAllSlower_IsSlower()
    {
        Verdict verdict = Verdict.Of([0.8, 0.9, 0.85, 0.8, 0.8, 0.99]);

        Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Slower));
        Assert.That((verdict.Low, verdict.High), Is.EqualTo((0.8, 0.99)));
        Assert.That(verdict.PercentSlower, Is.EqualTo((1 / 0.825 - 1) * 100).Within(1e-9));
    }

    [Test]
    public void Of_FiveRoundsThatAreAllSlower_IsUndecided() =>
        Assert.That(Verdict.Of([0.8, 0.8, 0.8, 0.8, 0.8]).Kind, Is.EqualTo(VerdictKind.Undecided));

    [Test]
    public void Of_EightRoundsOfWhichOneIsFaster_SeesNoDifference() => Assert.That(
        Verdict.Of([0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 1.01]).Kind, Is.EqualTo(VerdictKind.Same));

    [Test]
    public void Of_NineRoundsOfWhichOneIsFaster_LeavesOutTheOutermost() => Assert.That(
        Verdict.Of([0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 1.01]).Kind, Is.EqualTo(VerdictKind.Slower));

    [Test]
    public void Of_RoundsThatAreAllFaster_IsFaster() => Assert.That(
        Verdict.Of([1.1, 1.2, 1.3, 1.1, 1.2, 1.3]).Kind, Is.EqualTo(VerdictKind.Faster));

    // The sign test by its definition: how probable it is that the interval misses the median.
    [TestCase(6)]
    [TestCase(7)]
    [TestCase(9)]
    [TestCase(15)]
    [TestCase(30)]
    public void Of_AnyNumberOfRounds_TakesTheNarrowestIntervalOf95Percent(int rounds)
    {
        Verdict verdict = Verdict.Of(Enumerable.Range(1, rounds).Select(each => (double)each));

        int cut = (int)verdict.Low - 1;
        Assert.That(verdict.High, Is.EqualTo(rounds - cut));
        Assert.That(ChanceToMiss(cut, rounds), Is.AtMost(0.05));
        Assert.That(ChanceToMiss(cut + 1, rounds), Is.GreaterThan(0.05));
    }

    private static double ChanceToMiss(int cut, int rounds)
    {
        double chance = 0;
        for (int heads = 0; heads <= cut; heads++)
        {
            double ways = 1;
            for (int i = 0; i < heads; i++)
            {
                ways = ways * (rounds - i) / (i + 1);
            }

            chance += 2 * ways * Math.Pow(0.5, rounds);
        }

        return chance;
    }
}
