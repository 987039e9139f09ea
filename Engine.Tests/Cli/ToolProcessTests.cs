using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Process), NonParallelizable]
internal sealed class ToolProcessTests : CliFixture
{
    private string Database => InFolder("tool.db");

    [Test]
    public void ExitCodes_AreThoseOfTheHelp()
    {
        ToolProcess.Run("put", Database, "alice", "42").Expect(0);
        Assert.That(ToolProcess.Run("get", Database, "alice").Expect(0).Output, Is.EqualTo("42\n"));
        ToolProcess.Run("get", Database, "bob").ExpectError(1, "there is no key 'bob'");
        ToolProcess.Run("get", Database).ExpectError(2, "engine get --help");
        ToolProcess.Run("get", InFolder("missing.db"), "k").ExpectError(3, "missing.db");
    }

    [Test]
    public void AJunkFile_IsADatabaseErrorForEveryCommand()
    {
        string junk = InFolder("junk.db");
        byte[] bytes = new byte[100_000];
        new Random(23).NextBytes(bytes);
        File.WriteAllBytes(junk, bytes);
        foreach (string[] command in (string[][])[["get", junk, "k"], [
            "put", junk, "k", "v"
        ], ["del", junk, "k"], ["scan", junk], ["stat", junk], ["shell", junk]])
            ToolProcess.Run(command).ExpectError(3, "junk.db");
        ToolProcess.Run("load", junk, Write("words.tsv", "a\t1\n")).ExpectError(3, "junk.db");
        Assert.That(File.ReadAllBytes(junk), Is.EqualTo(bytes), "a file that is not ours is left alone");
    }

    [Test]
    public void ATextFile_IsNotTakenForADatabase() =>
        ToolProcess.Run("stat", Write("notes.db", "not a database\n")).ExpectError(3, "notes.db");

    [Test]
    public void ADirectory_IsNoDatabase() => ToolProcess.Run("get", Folder, "k").ExpectError(3, "");

    [Test]
    public void ADirectoryWithoutRights_IsADatabaseError()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("a privileged process may do everything, and Windows keeps rights elsewhere");
            return;
        }

        string folder = Directory.CreateDirectory(InFolder("locked")).FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            ToolProcess.Run("put", Path.Combine(folder, "x.db"), "k", "v").ExpectError(3, "x.db");
        }
        finally
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Test]
    public void AFileWithoutRights_IsADatabaseError()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("a privileged process may do everything, and Windows keeps rights elsewhere");
            return;
        }

        ToolProcess.Run("put", Database, "k", "v").Expect(0);
        File.SetUnixFileMode(Database, UnixFileMode.None);
        ToolProcess.Run("get", Database, "k").ExpectError(3, "tool.db");
        ToolProcess.Run("put", Database, "k", "v").ExpectError(3, "tool.db");
    }

    [Test]
    public void AFolderThatIsMissing_IsADatabaseError() =>
        ToolProcess.Run("put", Path.Combine(Folder, "no", "x.db"), "k", "v").ExpectError(3, "x.db");

    [Test]
    public void APathInUnicode_Works()
    {
        string database = InFolder("données 東京.db");
        ToolProcess.Run("put", database, "é", "東京").Expect(0);
        Assert.That(ToolProcess.Run("scan", database).Expect(0).Output, Is.EqualTo("é\t東京\n"));
    }

    [Test]
    public void AClosedPipe_EndsAScanQuietly()
    {
        LoadDataSet();
        using ToolProcess scan = ToolProcess.Start("scan", Database);
        Assert.That(scan.Output.ReadLine(), Does.StartWith("#\t"));
        scan.Output.Close();
        Assert.That(scan.WaitForExit(), Is.Zero);
        Assert.That(scan.Error, Is.Empty);
    }

    [Test]
    public void TheDataSet_ComesBackByteForByte()
    {
        LoadDataSet();
        Assert.That(ToolProcess.Run("scan", Database, "--raw").Expect(0).Output, Is.EqualTo(File.ReadAllText(DataSet)));
    }

    [Test]
    public void RedirectedOutput_IsAppendedToWhatIsThere()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("needs a POSIX shell");
        ToolProcess.Run("put", Database, "k", "v").Expect(0);
        string tool = $"'{ToolProcess.Host}' exec '{ToolProcess.Assembly}' get '{Database}' k";
        PosixShell.Run($"(echo before; {tool}; {tool}; echo after) > '{InFolder("out")}'", Folder);
        Assert.That(File.ReadAllText(InFolder("out")), Is.EqualTo("before\nv\nv\nafter\n"));
    }

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    public void ASignal_AbortsTheTransactionOfAnIdleShell(string signal, int exitCode)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("no POSIX signals");
        using (ToolProcess shell = ToolProcess.Start("shell", Database))
        {
            Assert.That(shell.Ask("put kept 1"), Is.EqualTo("ok"));
            Assert.That(shell.Ask("begin"), Is.EqualTo("ok"));
            Assert.That(shell.Ask("put lost 1"), Is.EqualTo("ok"));
            shell.Signal(signal);
            shell.ReadToEnd().ExpectError(exitCode, "interrupted");
        }

        Assert.That(ToolProcess.Run("scan", Database).Expect(0).Output, Is.EqualTo("kept\t1\n"));
    }

    [Test]
    public void ASignal_EndsALoadThatWaitsForItsInput()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("no POSIX signals");
        using ToolProcess load = ToolProcess.Start("load", Database, "-", "--format", "tsv", "--batch", "2");
        load.Send("a\t1\nb\t2\nc\t3");
        WaitUntil(() => File.Exists(Database) && ToolProcess.Run("scan", Database).OutputLines.Length == 2);
        load.Signal("INT");
        load.ReadToEnd().ExpectError(130, "interrupted; the 2 entries up to line 2 are committed, nothing after them");
    }

    [Test]
    public void TheShell_AnswersLineByLine()
    {
        using ToolProcess shell = ToolProcess.Start("shell", Database);
        for (int i = 0; i < 50; i++)
        {
            Assert.That(shell.Ask($"put key{i} {i}"), Is.EqualTo("ok"));
            Assert.That(shell.Ask($"get key{i}"), Is.EqualTo($"value {i}"));
        }

        shell.CloseInput();
        Assert.That(shell.ReadToEnd().Expect(0).Output, Is.Empty);
    }

    [Test]
    public void AKilledShell_KeepsWhatItAcknowledged()
    {
        for (int round = 0; round < 3; round++)
        {
            using ToolProcess shell = ToolProcess.Start("shell", Database);
            for (int i = 0; i < 20; i++)
                Assert.That(shell.Ask($"put round{round}-{i} x"), Is.EqualTo("ok"));
            Assert.That(shell.Ask("begin"), Is.EqualTo("ok"));
            Assert.That(shell.Ask($"put lost{round} x"), Is.EqualTo("ok"));
            shell.Kill();
            Assert.That(ToolProcess.Run("scan", Database).Expect(0).OutputLines, Has.Length.EqualTo(20 * (round + 1)));
        }
    }

    [Test]
    public void ASecondWriter_IsRefusedAndToldWhoWrites_AndReadersAreNot()
    {
        using ToolProcess shell = ToolProcess.Start("shell", Database);
        Assert.That(shell.Ask("put k v"), Is.EqualTo("ok"));
        ToolProcess.Run("put", Database, "k", "w").ExpectError(3, shell.Id.ToString());
        Assert.That(ToolProcess.Run("get", Database, "k").Expect(0).Output, Is.EqualTo("v\n"));
        ToolProcess.Run("stat", Database).Expect(0);
        Assert.That(shell.Ask("put k x"), Is.EqualTo("ok"));
    }

    private static string DataSet => Path.Combine(RepositoryFiles.Root, "data", "unicode.tsv");

    private void LoadDataSet() => Run("load", Database, DataSet).Expect(0);

    private static void WaitUntil(Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(60);
        while (!condition())
        {
            Assert.That(DateTime.UtcNow, Is.LessThan(end), "waited in vain");
            Thread.Sleep(20);
        }
    }
}
