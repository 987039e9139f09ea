using Engine.PropertyTests.Model;
using FsCheck;
using FsCheck.Fluent;

namespace Engine.PropertyTests.Backups;

/// <summary>
/// Random programs, backed up while they run: trees that come, go, get other names, are rolled back, spilled and
/// shared; every point of the chain is restored and compared.
/// </summary>
[TestFixture(Few)]
[TestFixture(Many, Category = Categories.Campaign)]
public class BackupProgramTests(int programs)
{
    private const int Few = 25;
    private const int Many = 1000;
    private const int Longest = 80;

    [Test]
    public void EveryPointOfAChain_HoldsWhatItsStateHeld()
    {
        var links = 0;
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(programs).WithQuietOnSuccess(true),
            Prop.ForAll(Programs.Of(ProgramProfile.Calm, Longest), program =>
            {
                using var recorder = new BackupRecorder(every: 7);
                ProgramRunner.RunInMemory(program, recorder);
                recorder.Check(program);
                links += recorder.Links;
                return true;
            }));
        Assert.That(links, Is.GreaterThan(programs));
    }
}
