using FsCheck;
using FsCheck.Fluent;

namespace Engine.PropertyTests.Model;

/// <summary>Random programs against the model. The number of programs can be raised with ENGINE_PROGRAMS.</summary>
[TestFixture(Few)]
[TestFixture(Many, Category = Categories.Campaign)]
public class ModelTests(int programs)
{
    private const int Few = 200;
    private const int Many = 2000;

    private int Count =>
        programs == Many && int.TryParse(Environment.GetEnvironmentVariable("ENGINE_PROGRAMS"), out var count)
            ? count
            : programs;

    [Test]
    public void Engine_UnderRandomOperations_AgreesWithTheModelAfterEveryStep() =>
        Check(ProgramProfile.Calm, 60, Count);

    [Test]
    public void Engine_UnderLongRandomOperations_AgreesWithTheModelAfterEveryStep() =>
        Check(ProgramProfile.Calm, 600, Count / 20);

    [Test]
    public void Engine_UnderKillsAndPowerCuts_RecoversACommittedState() => Check(ProgramProfile.Crashes, 60, Count);

    [Test]
    public void Engine_UnderFailingCallsAndCrashes_KeepsItsPromises() => Check(ProgramProfile.Faults, 60, Count);

    [Test]
    public void Engine_InMemory_AgreesWithTheModelAfterEveryStep() =>
        Check(ProgramProfile.Calm, 60, Count, ProgramRunner.RunInMemory);

    private static void Check(ProgramProfile profile, int longest, int count) =>
        Check(profile, longest, count, static program => ProgramRunner.Run(program));

    private static void Check(ProgramProfile profile, int longest, int count, Action<OperationProgram> run) =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true),
            Prop.ForAll(Programs.Of(profile, longest), program =>
            {
                run(program);
                return true;
            }));
}
