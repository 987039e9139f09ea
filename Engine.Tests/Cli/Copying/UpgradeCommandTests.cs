using System.Text.Json;
using Engine.Tests.Transactions;

namespace Engine.Tests.Cli.Copying;

internal sealed class UpgradeCommandTests : CliFixture
{
    private string Old => InFolder("old.db");

    private string New => InFolder("new.db");

    [Test]
    public void Upgrade_OfAnOlderFile_HoldsTheSame_AndOpensForWriting(
        [Values("named", "verified", "log", "torn")] string name)
    {
        byte[] before = MakeOld(name);
        string content = Run("dump", Old, "--all").Expect(0).Output;
        Assert.That(
            Run("upgrade", Old, New).Expect(0).Output,
            Does.Match("^upgraded from version 2 to 3 in .*: transaction \\d+, .*; checked: ok\n$"));
        Assert.That(Run("dump", New, "--all").Expect(0).Output, Is.EqualTo(content));
        Assert.That(File.ReadAllBytes(New)[8], Is.EqualTo(3));
        for (int i = 0; i < 5; i++)
            Run("put", New, $"new {i}", "x", "--tree", "animals").Expect(0);
        Run("check", New).Expect(0);
        Assert.That(File.ReadAllBytes(Old).AsSpan().SequenceEqual(before), "the file stays as it is");
    }

    [Test]
    public void EveryLook_AtAnOlderFile_Works()
    {
        byte[] before = MakeOld("named");
        foreach (string[] command in (string[][])[
            ["info", Old], ["info", Old, "--json"], ["trees", Old], ["tree", Old], ["pages", Old],
            ["page", Old, "meta0"], ["page", Old, "meta1"], ["page", Old, "5"], ["space", Old], ["readers", Old],
            ["stat", Old], ["check", Old],
            ["get", Old, "big"], ["scan", Old], ["dump", Old], ["copy", Old, InFolder("copy.db")],
            ["copy", Old, InFolder("compact.db"), "--compact"], ["check", Old, "--salvage", InFolder("salvaged.db")]])
            Run(command).Expect(0);
        Run("put", Old, "k", "v").ExpectError(3, "engine upgrade FILE NEW");
        Assert.That(File.ReadAllBytes(Old).AsSpan().SequenceEqual(before));
        string content = Run("dump", Old, "--all").Expect(0).Output;
        foreach (string copy in (string[])["copy.db", "compact.db", "salvaged.db"])
            Assert.That(Run("dump", InFolder(copy), "--all").Expect(0).Output, Is.EqualTo(content), copy);
    }

    [Test]
    public void Upgrade_AsJson_SaysFromWhereToWhere()
    {
        MakeOld("named");
        using JsonDocument json = JsonDocument.Parse(Run("upgrade", Old, New, "--json").Expect(0).Output);
        Assert.That(json.RootElement.GetProperty("fromVersion").GetInt32(), Is.EqualTo(2));
        Assert.That(json.RootElement.GetProperty("version").GetInt32(), Is.EqualTo(3));
        Assert.That(json.RootElement.GetProperty("trees").GetInt32(), Is.EqualTo(4));
    }

    [Test]
    public void Upgrade_OfAFileOfThisVersion_CopiesIt()
    {
        Run("put", Old, "k", "v").Expect(0);
        Assert.That(Run("upgrade", Old, New).Expect(0).Output, Does.StartWith("upgraded from version 3 to 3"));
        Run("get", New, "k").Expect(0);
    }

    [Test]
    public void Upgrade_IntoAFileThatExists_IsRefused()
    {
        MakeOld("named");
        Write("new.db", "mine");
        Run("upgrade", Old, New).ExpectError(2, "exists");
        Run("upgrade", Old, Old).ExpectError(2, "exists");
        Assert.That(File.ReadAllText(New), Is.EqualTo("mine"));
    }

    [Test]
    public void Upgrade_OfWhatIsNoDatabase_MakesNothing()
    {
        Write("old.db", new string('x', 100_000));
        Run("upgrade", Old, New).ExpectError(3, "not a database");
        Run("upgrade", InFolder("missing.db"), New).ExpectError(3, "missing.db");
        Run("upgrade", Old).ExpectError(2, "engine upgrade --help");
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void Upgrade_OfADamagedFile_LeavesNothing()
    {
        byte[] bytes = MakeOld("named");
        int leaf = 5 * 4096;
        bytes[leaf + 2000] ^= 1;
        File.WriteAllBytes(Old, bytes);
        CliResult result = Run("upgrade", Old, New);
        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Has.None.Contain("new.db"));
    }

    [Test]
    public void Upgrade_OfAFileThatIsInUse_CopiesWhatItsReadersSee()
    {
        MakeOld("named");
        using var reader = Database.Open(Old, new DatabaseOptions { ReadOnly = true });
        Run("upgrade", Old, New).Expect(0);
        using var writer = Database.Open(New);
        Run("upgrade", New, InFolder("third.db")).Expect(0);
    }

    private byte[] MakeOld(string name)
    {
        byte[] bytes = OlderVersionTests.Fixture(name);
        File.WriteAllBytes(Old, bytes);
        return bytes;
    }
}
