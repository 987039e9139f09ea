using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

[TestFixture]
public class FaultSweepTests
{
    private static IReadOnlyList<string> Scenarios => FaultSweep.Scenarios;

    /// <summary>A plain run tries every second one.</summary>
    private static IEnumerable<TestCaseData> Cases => Scenarios.Select(static (scenario, index) =>
        index % 2 == 1 ? new TestCaseData(scenario) : new TestCaseData(scenario).SetCategory(Categories.Campaign));

    [TestCaseSource(nameof(Cases))]
    public void EveryStorageCall_FailingOnceInEveryWay_BreaksNoPromise(string scenario)
    {
        var (calls, failures, states) = FaultSweep.Run(OperationProgram.Parse(scenario));
        TestContext.Out.WriteLine($"{calls} calls, {failures} failures, {states} crash states");
        Assert.That(failures, Is.GreaterThan(calls), "every call fails at least once");
    }

    [Test]
    public void Scenarios_AreFourteen() => Assert.That(Scenarios, Has.Count.EqualTo(14));
}
