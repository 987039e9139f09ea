namespace Engine.Tests.Concurrency;

/// <summary>Every order of the steps of one reader and one writer.</summary>
// Two threads take turns, and each turn would wait for a core.
[NonParallelizable]
public class BeginInterleavingTests
{
    [TestCase(true, true, ExpectedResult = false)]
    [TestCase(false, true, ExpectedResult = true)]
    [TestCase(true, false, ExpectedResult = true)]
    public bool Begin_InEveryInterleavingWithTwoCommits_IsBrokenOnlyWithoutAStep(bool readsAgain, bool publishesFirst)
    {
        var (all, broken) = BeginInterleavings.Explore(readsAgain, publishesFirst);
        TestContext.Out.WriteLine($"{all} interleavings, {broken} broken");
        Assert.That(all, Is.GreaterThan(500));
        return broken > 0;
    }
}
