namespace Engine.Tests.Concurrency;

/// <summary>Anybody may sweep, beside everybody: in every order of the steps no reader loses its pin.</summary>
// Two threads take turns, and each turn would wait for a core.
[NonParallelizable]
public class SweepInterleavingTests
{
    [TestCase(true, ExpectedResult = false)]
    [TestCase(false, ExpectedResult = true)]
    public bool Sweep_InEveryInterleavingWithAReaderAndAWriter_IsBrokenOnlyIfItLowersTheMark(
        bool onlyTheCollectorLowersTheMark) =>
        IsBroken(SweepInterleavings.ExploreBesideAWriter(onlyTheCollectorLowersTheMark));

    [TestCase(true, ExpectedResult = false)]
    [TestCase(false, ExpectedResult = true)]
    public bool Sweep_InEveryInterleavingWithAReaderAndAnotherSweep_IsBrokenOnlyWithoutTheRightToSweep(
        bool sweepersExcludeEachOther) =>
        IsBroken(SweepInterleavings.ExploreBesideASweeper(sweepersExcludeEachOther));

    [Test]
    public void Sweep_OfADeadWriter_InEveryInterleavingWithALookForOne_NeverShowsItAlive() =>
        Assert.That(IsBroken(SweepInterleavings.ExploreALookForADeadWriter()), Is.False);

    [Test]
    public void Sweep_InEveryInterleavingWithARegistration_LeavesTheNewProcessAlone([Values] bool hasByteLocks) =>
        Assert.That(IsBroken(SweepInterleavings.ExploreARegistration(hasByteLocks)), Is.False);

    private static bool IsBroken((int All, int Broken) found)
    {
        TestContext.Out.WriteLine($"{found.All} interleavings, {found.Broken} broken");
        Assert.That(found.All, Is.GreaterThan(500));
        return found.Broken > 0;
    }
}
