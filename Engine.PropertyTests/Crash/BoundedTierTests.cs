using System.Diagnostics;

namespace Engine.PropertyTests.Crash;

/// <summary>The bounded-exhaustive tier, with the bound that CI completes. Engine.Soak runs the full one.</summary>
[TestFixture]
public class BoundedTierTests
{
    private static IEnumerable<ProgramSpace> Spaces => ProgramSpace.Small;

    /// <summary>Programs of up to two operations, of which those of up to one are crashed twice.</summary>
    private static IEnumerable<ProgramSpace> SmallerSpaces =>
        Spaces.Where(static space => space.Length > 2).Select(
            static space => space with { Length = 2, TwoCrashes = 1 });

    [TestCaseSource(nameof(SmallerSpaces))]
    [TestCaseSource(nameof(Spaces), Category = Categories.Campaign)]
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
