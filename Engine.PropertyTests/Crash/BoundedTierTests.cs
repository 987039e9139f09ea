using System.Diagnostics;

namespace Engine.PropertyTests.Crash;

/// <summary>The bounded-exhaustive tier, with the bound that CI completes. Engine.Soak runs the full one.</summary>
[TestFixture]
public class BoundedTierTests
{
    private static IEnumerable<ProgramSpace> Spaces => ProgramSpace.Small;

    [TestCaseSource(nameof(Spaces))]
    public void Recovery_FromEveryCrashStateOfEveryProgram_FindsACommittedState(object given)
    {
        var space = (ProgramSpace)given;
        var watch = Stopwatch.StartNew();
        var tier = new BoundedTier(space);
        var cores = Environment.ProcessorCount;
        Parallel.For(0, cores, part => tier.Run(part, cores));
        TestContext.Out.WriteLine(
            $"{space.Name}: {tier.Programs} programs, {tier.Result.States} states, {tier.Result.StatesOfDepthTwo} of "
            + $"depth two in {watch.Elapsed.TotalSeconds:F0} s");
        Assert.That(tier.Programs, Is.EqualTo(space.Programs));
        Assert.That(tier.Result.States, Is.GreaterThan(100));
    }
}
