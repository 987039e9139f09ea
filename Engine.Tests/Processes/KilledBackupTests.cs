using Engine.Tests.Cli;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>
/// The tool is killed, or told to stop, in the middle of a backup or a restore: there is no file then.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class KilledBackupTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private TempDirectory _directory = null!;

    private string Source => _directory.File("source.db");

    private string Full => _directory.File("full.backup");

    private string Restored => _directory.File("restored.db");

    [SetUp]
    public void MakeSource()
    {
        _directory = new TempDirectory();
        using var database = Database.Open(Source);
        Sample.Fill(database, 0, 20_000, 100);
    }

    [TearDown]
    public void Delete() => _directory.Dispose();

    [TestCase(false)]
    [TestCase(true)]
    public void Backup_ThatIsEndedInTheMiddle_LeavesNoFileOfItsName(bool isKilled)
    {
        using var tool = ToolProcess.Start("backup", Source, Full, "--rate", "100000");
        WaitFor("full.backup-partial-", 50_000);
        End(tool, isKilled, 143);
        Assert.That(File.Exists(Full), Is.False);
        Assert.That(Partial("full.backup-partial-"), isKilled ? Is.Not.Null : Is.Null);

        // What was begun disturbs nobody.
        ToolProcess.Run("backup", Source, Full).Expect(0);
        ToolProcess.Run("verify", Full).Expect(0);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Restore_ThatIsEndedInTheMiddle_LeavesNoFileOfItsName(bool isKilled)
    {
        using (var database = Database.Open(Source))
        using (var snapshot = database.OpenSnapshot())
        using (var file = File.Create(Full))
        {
            snapshot.BackUp(file);
        }

        using var tool = ToolProcess.Start("restore", "-", Restored);
        tool.SendBytes(File.ReadAllBytes(Full).AsSpan(0, 500_000));
        WaitFor("restored.db-new-", 200_000);
        End(tool, isKilled, 143);
        Assert.That(File.Exists(Restored), Is.False);
        Assert.That(Partial("restored.db-new-"), isKilled ? Is.Not.Null : Is.Null);
        ToolProcess.Run("restore", Full, Restored).Expect(0);
        ToolProcess.Run("check", Restored).Expect(0);
    }

    private static void End(ToolProcess tool, bool isKilled, int exitCode)
    {
        if (isKilled)
        {
            tool.Kill();
            return;
        }

        tool.Signal("TERM");
        Assert.That(tool.WaitForExit(), Is.EqualTo(exitCode), tool.Error);
    }

    private void WaitFor(string name, long length)
    {
        var end = DateTime.UtcNow + Patience;
        while (Partial(name) is not { } file || new FileInfo(file).Length < length)
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), $"{name} does not grow");
            Thread.Sleep(10);
        }
    }

    private string? Partial(string name) =>
        Directory.GetFiles(_directory.Root).SingleOrDefault(path => Path.GetFileName(path).StartsWith(name));
}
