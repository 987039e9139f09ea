using Engine.PropertyTests.Simulation;
using FsCheck;
using FsCheck.Fluent;

namespace Engine.PropertyTests.Model;

/// <summary>Random operations on a tree with indexes, and the same on a dictionary.</summary>
public class IndexModelTests
{
    [TestCase(60)]
    [TestCase(800, Category = Categories.Campaign)]
    public void Indexes_ShowWhatTheTreeHas_WhateverIsDone(int programs)
    {
        var seeds = Gen.Choose(0, int.MaxValue).SelectMany(
            static seed => Gen.Choose(1, 80).Select(operations => (seed, operations)));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(programs).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(seeds, static program => Shorter(program)), static program =>
            {
                Run(program.seed, program.operations);
                return true;
            }));
    }

    /// <summary>Loads two entries of one number, which the model let pass.</summary>
    [Test]
    public void Indexes_ShowWhatTheTreeHas_AfterAProgramThatFailedOnce() => Run(2061392740, 33);

    /// <summary>Runs a program.</summary>
    internal static void Run(int seed, int operations)
    {
        var disk = new GuardedDisk();
        using var model = new IndexModel(() => EngineHost.Open(disk, new OperationProgram(512, [])), seed);
        model.Run(operations);
    }

    private static IEnumerable<(int Seed, int Operations)> Shorter((int Seed, int Operations) program)
    {
        foreach (var part in (int[])[2, 4, 8, 16])
        {
            if (program.Operations / part > 0)
            {
                yield return (program.Seed, program.Operations - (program.Operations / part));
            }
        }
    }
}
