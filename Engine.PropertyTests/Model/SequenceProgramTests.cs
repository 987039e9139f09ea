using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>
/// A rollback that takes numbers again has to write, and what it writes may find no room: whatever call fails, or is
/// the last one of the process, no number is given twice.
/// </summary>
[TestFixture]
public class SequenceProgramTests
{
    private const int Calls = 5;

    [Test]
    public void Rollback_WhenAnyCallFails_GivesNoNumberTwice([Values] bool isNested)
    {
        var failures = 0;
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            for (var call = 0; call < Calls; call++)
            {
                failures += Run($"fault {call} {(int)kind}", isNested).Failures;
            }
        }

        Assert.That(failures, Is.GreaterThan(Calls));
    }

    [Test]
    public void Rollback_WhenTheProcessDiesAtAnyCall_GivesNoNumberTwice([Values] bool isNested)
    {
        for (var call = 0; call < Calls; call++)
        {
            Run($"crash {call}", isNested);
        }
    }

    // Memory for no page: every change is written to the file at once.
    private static RunResult Run(string failure, bool isNested) => ProgramRunner.Run(OperationProgram.Parse(
        "256/0: put 0 1 5; take 1; commit; take 0; savepoint; "
        + (isNested ? "nest; take 0; take 1 2; " : "take 0; take 1 2; ")
        + failure
        + (isNested ? "; undo" : "; rollback")
        + "; take 0; take 1; commit; take 0; take 1; commit; reopen"));
}
