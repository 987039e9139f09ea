using System.Diagnostics;
using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>The bounded-exhaustive tier. ENGINE_BOUND=full runs the full bound.</summary>
[TestFixture]
public class CrashSweepTests
{
    private static CrashBounds Bounds =>
        Environment.GetEnvironmentVariable("ENGINE_BOUND") == "full" ? CrashBounds.Full : CrashBounds.Small;

    [TestCase("256: ")]
    [TestCase("256: put 0 1 100; commit")]
    [TestCase("256: put 0 1 100; commit; put 0 2 5; commit; delete 0 1; commit")]
    [TestCase("256: fill 0 0 20 7; commit; range 0 3 12; commit; put 0 1 4110; commit; put 0 1 15; commit")]
    [TestCase("256: put 0 1 5; defer; put 0 2 5; defer; flush; put 0 3 5; commit")]
    [TestCase("512: create 1; put 1 1 5; commit; put 1 2 9; rename 1 2; commit; drop 2; commit")]
    [TestCase("256: fill 0 0 63 7; commit; truncate 0; commit; put 0 1 5; commit; reopen; put 0 2 5; commit")]
    [TestCase("256!: fill 0 0 20 7; commit; put 0 1 4110; commit; put 0 9 15; commit; put 0 2 15; commit")]
    [TestCase("256!: fill 0 0 20 7; commit; put 0 1 4110; commit; put 0 1 5; defer; put 0 2 5; defer; flush; close")]
    [TestCase("256!: fill 0 0 30 7; commit; put 0 1 4110; commit; reopen; put 0 9 15; commit; create 1; commit")]
    public void Recovery_FromEveryCrashStateWithinTheBounds_FindsACommittedState(string program)
    {
        var (states, again) = CrashSweep.Run(OperationProgram.Parse(program), Bounds);
        TestContext.Out.WriteLine($"{states} states, {again} of depth two");
        Assert.That(states, Is.Positive);
    }

    [TestCase("256: ")]
    [TestCase("256: put 0 1 100; commit")]
    [TestCase("256: fill 0 0 20 7; commit; range 0 3 12; commit; put 0 1 4110; commit; put 0 1 15; commit")]
    [TestCase("256: fill 0 0 12 7; commit; reopen; put 0 3 9; defer; put 0 4 9; defer; create 1; put 1 1 5; defer")]
    [TestCase(
        "256!: fill 0 0 40 1451; commit; put 0 5 64; commit; put 0 15 64; commit; put 0 25 9614; commit; put 0 35 64; "
        + "commit",
        Category = Categories.Campaign)]
    public void ClosedFile_DecayingInEveryPlace_IsNoticedOrUnchanged(string program)
    {
        var states = DecaySweep.Run(OperationProgram.Parse(program));
        TestContext.Out.WriteLine($"{states} damaged files");
        Assert.That(states, Is.GreaterThan(4_000));
    }

    [Test]
    public void Recovery_OfRandomShortPrograms_FromEveryCrashStateWithinTheBounds_FindsACommittedState()
    {
        long states = 0, again = 0;
        var watch = Stopwatch.StartNew();
        var programs = int.TryParse(Environment.GetEnvironmentVariable("ENGINE_SWEEPS"), out var count) ? count : 20;
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("ENGINE_SEED"), out var given)
            ? given
            : (ulong)Random.Shared.Next();
        TestContext.Out.WriteLine($"ENGINE_SEED={seed}");
        for (var i = 0; i < programs; i++)
        {
            var program = ProgramGenerator.Generate(seed + (ulong)i, 2 + i % 12, ProgramProfile.Calm);
            var (one, two) = CrashSweep.Run(program, Bounds);
            (states, again) = (states + one, again + two);
        }

        TestContext.Out.WriteLine(
            $"{programs} programs, {states} states, {again} of depth two, "
            + $"{(states + again) / watch.Elapsed.TotalSeconds:F0} per second");
    }
}
