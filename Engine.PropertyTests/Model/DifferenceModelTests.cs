using Engine.PropertyTests.Simulation;
using FsCheck;
using FsCheck.Fluent;

namespace Engine.PropertyTests.Model;

/// <summary>The differences of states that random changes lead to, and those of dictionaries.</summary>
public class DifferenceModelTests
{
    [TestCase(25)]
    [TestCase(1500, Category = Categories.Campaign)]
    public void Difference_OfAnyTwoStates_IsThatOfTheirEntries(int programs)
    {
        var seeds = Gen.Choose(0, int.MaxValue).SelectMany(
            static seed => Gen.Choose(1, 30).Select(transactions => (seed, transactions)));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(programs).WithQuietOnSuccess(true),
            Prop.ForAll(
                Arb.From(
                    seeds,
                    static program => Enumerable.Range(1, Math.Min(program.transactions - 1, 8))
                        .Select(less => (program.seed, program.transactions - less))),
                static program =>
                {
                    Run(program.seed, program.transactions);
                    return true;
                }));
    }

    /// <summary>Runs a program.</summary>
    internal static void Run(int seed, int transactions)
    {
        using var database = EngineHost.Open(new GuardedDisk(), new OperationProgram(256, []));
        using var model = new DifferenceModel(database, seed);
        model.Run(transactions);
    }
}
