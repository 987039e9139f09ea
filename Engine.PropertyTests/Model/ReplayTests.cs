using Engine.PropertyTests.Crash;

namespace Engine.PropertyTests.Model;

/// <summary>Programs that once failed are run for ever; and one can be given in the environment.</summary>
[TestFixture]
public class ReplayTests
{
    private static IEnumerable<string> SavedPrograms => Saved("program");

    private static IEnumerable<string> SavedSweeps => Saved("sweep");

    private static IEnumerable<string> Saved(string kind)
    {
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures");
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, $"*.{kind}.txt")
                .Order(StringComparer.Ordinal)
                .SelectMany(File.ReadLines)
                .Where(l => l.Length > 0 && l[0] != '#')
            : [];
    }

    [TestCaseSource(nameof(SavedPrograms))]
    public void Replay_OfASavedProgram_Passes(string program) => ProgramRunner.Run(OperationProgram.Parse(program));

    [TestCaseSource(nameof(SavedSweeps), Category = Categories.Campaign)]
    public void Replay_OfASavedSweep_Passes(string program) =>
        CrashSweep.Run(OperationProgram.Parse(program), CrashBounds.Full);

    [Test]
    public void Replay_OfTheProgramInTheEnvironment_Passes()
    {
        if (Environment.GetEnvironmentVariable("ENGINE_PROGRAM") is { Length: > 0 } program)
        {
            ProgramRunner.Run(OperationProgram.Parse(program), TestContext.Out);
        }
        else if (Environment.GetEnvironmentVariable("ENGINE_SWEEP") is { Length: > 0 } sweep)
        {
            CrashSweep.Run(OperationProgram.Parse(sweep), CrashBounds.Full);
        }
        else
        {
            Assert.Pass("Neither ENGINE_PROGRAM nor ENGINE_SWEEP is set.");
        }
    }
}
