using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Cli.Inspection;

internal sealed class BadFileTests : InspectionFixture
{
    [Test]
    public void EveryCommand_OnSomethingThatIsNoDatabase_SaysSoInOneLine()
    {
        byte[] junk = new byte[100_000];
        new Random(7).NextBytes(junk);
        File.WriteAllBytes(InFolder("junk.db"), junk);
        (string Path, string Reason)[] files =
        [
            (InFolder("junk.db"), "not a database"),
            (Write("zero.db", ""), "empty file"),
            (Write("short.db", "ENGN"), "not a database"),
            (Write("cut.db", "ENGNKVDB and no more"), "cut to 20 bytes"),
            (Folder, "directory"),
            (InFolder("missing.db"), "no database at"),
        ];
        foreach (var (path, reason) in files)
        {
            foreach (string[] command in Commands.Append(["pages", "--html", InFolder("map.html")]))
            {
                CliResult result = Run(On(path, command));
                if (command[0] == "check" && reason == "cut to 20 bytes")
                    Assert.That(result.Expect(1).Output, Does.Contain("file-length"));
                else
                    result.ExpectError(command[0] == "check" ? 2 : 3, reason);
            }
        }

        Assert.That(File.ReadAllBytes(InFolder("junk.db")), Is.EqualTo(junk));
        Assert.That(
            Directory.GetFiles(Folder, "*-lock").Select(Path.GetFileName),
            Is.Empty,
            "no lock file beside what is not ours");
        Assert.That(File.Exists(InFolder("map.html")), Is.False);
    }

    [Test]
    public void EveryCommand_WithoutRights_SaysSo()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("a privileged process may do everything, and Windows keeps rights elsewhere");
            return;
        }

        string path = CreateEmpty();
        File.SetUnixFileMode(path, UnixFileMode.None);
        foreach (string[] command in Commands)
            Run(On(path, command)).ExpectError(command[0] == "check" ? 2 : 3, "empty.db");
    }

    [Test]
    public void EveryCommand_OnACutFile_Answers()
    {
        byte[] whole = File.ReadAllBytes(LoadDataSet());
        foreach (int length in (int[])[16_384, 16_385, 40_000, whole.Length / 2, whole.Length - 1])
        {
            string path = InFolder($"cut-{length}.db");
            File.WriteAllBytes(path, whole[..length]);
            foreach (string[] command in Commands)
                ExpectAnswer(Run(On(path, command)), $"{length}: {string.Join(' ', command)}");
            Assert.That(Run("check", path).Expect(1).Output, Does.Contain("file-length"));
        }
    }

    [TestCase(8, 1, "Dump it with the build that wrote it")]
    [TestCase(8, 4, "newer engine")]
    [TestCase(33, 1, "newer engine")]
    public void EveryCommand_OnAFileOfAnotherFormat_SaysWhatToDoAndMakesNothing(int offset, byte value, string advice)
    {
        TestImage image = DamageCase.Sound(isVerified: true);
        image.Superblock[offset] = value;
        if (offset == 8)
            (image.Meta[offset], image.OtherMeta[offset]) = (value, value);
        image.Mend();
        string path = WriteImage(image);
        foreach (string[] command in Commands)
            Run(On(path, command)).ExpectError(command[0] == "check" ? 2 : 3, advice);
        Run("check", path, "--salvage", InFolder("out.db")).ExpectError(2, advice);
        Run("copy", path, InFolder("out.db")).ExpectError(3, advice);
        Run("upgrade", path, InFolder("out.db")).ExpectError(3, advice);
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EqualTo([Path.GetFileName(path)]));
    }

    [Test]
    public void EveryCommand_WithoutALockFile_LeavesNone()
    {
        string path = WriteSoundImage(isVerified: false);
        foreach (string[] command in Commands.Where(command => command[0] != "readers"))
            ExpectAnswer(Run([.. On(path, command), "--without-lock"]), string.Join(' ', command));
        Run("readers", path, "--without-lock").ExpectError(2, "lock file");
        Assert.That(File.Exists(path + "-lock"), Is.False);
    }

    [Test]
    public void EveryCommand_OnRandomlyDamagedPages_Answers()
    {
        byte[] whole = File.ReadAllBytes(WriteSoundImage(isVerified: false));
        var random = new Random(20);
        for (int round = 0; round < 60; round++)
        {
            byte[] bytes = [.. whole];
            for (int hits = random.Next(1, 12); hits > 0; hits--)
                bytes[random.Next(round % 3 == 0 ? 0 : 4096, bytes.Length)] = (byte)random.Next(256);
            string path = InFolder("random.db");
            File.WriteAllBytes(path, bytes);
            foreach (string[] command in Commands)
                ExpectAnswer(Run(On(path, command)), $"{round}: {string.Join(' ', command)}");
        }
    }
}
