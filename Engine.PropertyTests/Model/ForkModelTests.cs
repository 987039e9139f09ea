using FsCheck;
using FsCheck.Fluent;

namespace Engine.PropertyTests.Model;

/// <summary>Random programs on a database and its forks, all of which change beside each other.</summary>
public class ForkModelTests
{
    [TestCase(40)]
    [TestCase(1000, Category = Categories.Campaign)]
    public void Forks_AndTheirBase_HaveWhatTheyWroteThemselves(int programs)
    {
        var step = Gen.Choose(0, 7).SelectMany(
            static kind => Gen.Choose(0, 5).SelectMany(
                line => Gen.Choose(0, int.MaxValue).Select(
                    seed => new ForkStep((byte)kind, (byte)line, seed))));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(programs).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(step.ArrayOf(ForkModel.Steps), Shorter), static steps =>
            {
                Run(steps);
                return true;
            }));
    }

    /// <summary>Runs a program.</summary>
    internal static void Run(IEnumerable<ForkStep> steps)
    {
        using var model = new ForkModel();
        foreach (var step in steps)
        {
            model.Do(step);
        }

        model.CheckAll();
    }

    private static IEnumerable<ForkStep[]> Shorter(ForkStep[] steps)
    {
        for (var part = steps.Length / 2; part > 0; part /= 2)
        {
            for (var start = 0; start + part <= steps.Length; start += part)
            {
                yield return [.. steps[..start], .. steps[(start + part)..]];
            }
        }
    }
}
