using System.Text.Json;

namespace Engine.Tests.Cli.Copying;

internal sealed class BackupCommandTests : CliFixture
{
    private string Source => InFolder("source.db");

    private string Full => InFolder("full.backup");

    private string Restored => InFolder("restored.db");

    [SetUp]
    public void MakeSource()
    {
        for (int i = 0; i < 3; i++)
            Run("put", Source, $"key {i}", "value").Expect(0);
        Run("put", Source, "k", "v", "--tree", "users").Expect(0);
    }

    [TestCase("none", "")]
    [TestCase("brotli", ", brotli")]
    [TestCase("zlib", ", zlib")]
    public void Backup_AndRestore_GiveTheSameContent(string compression, string shown)
    {
        Assert.That(
            Run("backup", Source, Full, "--compress", compression).Expect(0).Output,
            Does.Match($"^backed up in .* s: transaction \\d+, full: \\d+ pages in .*{shown}\n$"));
        Assert.That(
            Run("verify", Full).Expect(0).Output,
            Does.Match($"^ok: transaction \\d+, full: \\d+ pages in .*{shown}\n$"));
        Assert.That(
            Run("restore", Full, Restored).Expect(0).Output,
            Does.Match("^restored transaction \\d+ from 1 backup in .* s: 2 trees, 4 entries, .*; checked: ok\n$"));
        Run("check", Restored).Expect(0);
        Assert.That(Dump(Restored), Is.EqualTo(Dump(Source)));
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Has.None.Contain("partial"));
    }

    [Test]
    public void Backup_ToStandardOutput_AndRestoreFromStandardInput()
    {
        byte[] stream = Run("backup", Source, "-").Expect(0).OutputBytes;
        RunWithInput(stream, "restore", "-", Restored).Expect(0);
        Assert.That(Dump(Restored), Is.EqualTo(Dump(Source)));
    }

    [Test]
    public void Since_ANamedState_HasWhatWasWrittenAfterIt()
    {
        string second = InFolder("second.backup");
        Run("backup", Source, Full, "--name", "sunday").Expect(0);
        Run("put", Source, "later", "x").Expect(0);
        Assert.That(
            Run("backup", Source, second, "--since", "sunday", "--name", "monday").Expect(0).Output,
            Does.Match("^backed up in .* s: transaction \\d+, since transaction \\d+: \\d+ pages in "));
        Run("put", Source, "last", "x").Expect(0);
        string third = InFolder("third.backup");
        Run("backup", Source, third, "--since", "monday").Expect(0);
        Run("restore", Full, second, third, Restored).Expect(0);
        Run("check", Restored).Expect(0);
        foreach (string key in (string[])["later", "last"])
            Assert.That(Run("get", Restored, key).Expect(0).Output, Is.EqualTo("x\n"));
        Run("restore", Full, third, InFolder("wrong.db")).ExpectError(3, "third.backup");

        // The names were copied with their tree, and name nothing here.
        Run("backup", Restored, InFolder("x"), "--since", "sunday").ExpectError(3, "sunday");
        Run("backup", Restored, InFolder("x"), "--name", "sunday").Expect(0);
        Run("put", Restored, "more", "x").Expect(0);
        Run("check", Restored).Expect(0);
    }

    [Test]
    public void Names_ThatAreTakenOrMissing_AreRefused_AndNothingIsLeft()
    {
        Run("backup", Source, Full, "--name", "sunday").Expect(0);
        Run("backup", Source, InFolder("x"), "--name", "sunday").ExpectError(2, "sunday");
        Run("backup", Source, InFolder("x"), "--since", "never").ExpectError(3, "never");
        Assert.That(File.Exists(InFolder("x")), Is.False);
    }

    [Test]
    public void Json_SaysTheSame()
    {
        using var backup = JsonDocument.Parse(Run("backup", Source, Full, "--json").Expect(0).Output);
        using var verify = JsonDocument.Parse(Run("verify", Full, "--json").Expect(0).Output);
        using var restore = JsonDocument.Parse(Run("restore", Full, Restored, "--json").Expect(0).Output);
        JsonElement link = verify.RootElement.GetProperty("backups")[0];
        foreach (string name in (string[])["fileId", "transaction", "base", "full", "compression", "pages", "bytes"])
        {
            Assert.That(link.GetProperty(name).ToString(), Is.EqualTo(backup.RootElement.GetProperty(name).ToString()));
        }

        Assert.That(link.GetProperty("bytes").GetInt64(), Is.EqualTo(new FileInfo(Full).Length));
        Assert.That(restore.RootElement.GetProperty("entries").GetInt64(), Is.EqualTo(4));
        Assert.That(
            restore.RootElement.GetProperty("fileId").GetGuid(), Is.Not.EqualTo(link.GetProperty("fileId").GetGuid()));
    }

    [Test]
    public void WhatExists_IsNotReplaced()
    {
        string taken = Write("taken", "mine");
        Run("backup", Source, taken).ExpectError(2, "exists");
        Run("backup", Source, Full).Expect(0);
        Run("restore", Full, taken).ExpectError(2, "exists");
        Assert.That(File.ReadAllText(taken), Is.EqualTo("mine"));
        Run("restore", Full, "-").ExpectError(2, "no place for a database");
    }

    [TestCase("backup")]
    [TestCase("copy")]
    public void PlaceOfTheLockFile_IsNotTaken(string command)
    {
        File.Delete(Source + "-lock");
        Run(command, Source, Source + "-lock", "--without-lock").ExpectError(2, "lock file");
        Assert.That(File.Exists(Source + "-lock"), Is.False);
        Run("put", Source, "still", "works").Expect(0);
    }

    [Test]
    public void Terminal_GetsNoBytes() =>
        RunOnTerminal(80, "backup", Source, "-").ExpectError(2, "terminal");

    [Test]
    public void DamagedAndMissingBackups_AreNamed()
    {
        Run("backup", Source, Full).Expect(0);
        byte[] bytes = File.ReadAllBytes(Full);
        bytes[^50] ^= 1;
        File.WriteAllBytes(Full, bytes);
        Run("verify", Full).ExpectError(1, "full.backup");
        Run("restore", Full, Restored).ExpectError(3, "full.backup");
        Run("restore", InFolder("none"), Restored).ExpectError(3, "no backup at");
        Run("verify", Source).ExpectError(1, "no backup of a database");
        Run("verify", Folder).ExpectError(3, "directory");
        Run("restore", Full, InFolder("nowhere/x.db")).ExpectError(3, "does not exist");
        Assert.That(
            Directory.GetFiles(Folder).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "source.db", "source.db-lock", "full.backup" }));
    }

    [Test]
    public void BadArguments_AreRefused()
    {
        Run("backup", Source, Full, "--rate", "0").ExpectError(2, "--rate");
        Run("backup", Source, Full, "--compress", "best").ExpectError(2, "best");
        Run("backup", Source, "-", "--json").ExpectError(2, "--json");
        Run("backup", Source, "").ExpectError(2, "OUT is empty");
        Run("backup", InFolder("none.db"), Full).ExpectError(3, "no database");
        Run("restore", Full).ExpectError(2, "restore");
        Run("restore", "", Restored).ExpectError(2, "empty");
        Run("restore", Full, "-", Restored).ExpectError(2, "only BACKUP");
        Run("verify", "").ExpectError(2, "empty");
        Assert.That(File.Exists(Full), Is.False);
    }

    private static string Dump(string path) => Run("dump", path, "--all").Expect(0).Output;
}
