using Engine.Tests.Cli;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// One database file that is reached by two lock files: by another name, or because the lock file was deleted. A writer
/// and its readers must know each other.
/// </summary>
[Category(Categories.Process), NonParallelizable]
internal sealed class OtherLockFileTests : CliFixture
{
    private const int Entries = 2000;

    private static readonly DatabaseOptions ReadOnly = new() { ReadOnly = true };
    private static readonly DatabaseOptions WithoutLock = new() { ReadOnly = true, WithoutLock = true };

    /// <summary>Why somebody does not find the lock file of the others.</summary>
    public enum Cause
    {
        /// <summary>The file has a second name, which has no lock file yet.</summary>
        HardLink,

        /// <summary>The same, and under that name it was open before.</summary>
        UsedHardLink,

        /// <summary>Somebody deleted the lock file.</summary>
        DeletedLockFile,

        /// <summary>Told to do without.</summary>
        WithoutLock,
    }

    private string DatabasePath => InFolder("test.db");

    private string OtherPath => InFolder("other.db");

    [Test]
    public void Reader_WhoDoesNotShareTheWritersLockFile_IsRefused([Values] Cause cause)
    {
        Machine.NeedLinux();
        using var writer = MakeAndOpen();
        var path = Separate(cause);
        var before = DirectorySnapshot.Of(Folder);

        Assert.That(
            () => Database.Open(path, cause == Cause.WithoutLock ? WithoutLock : ReadOnly),
            Throws.TypeOf<DatabaseBusyException>()
                .With.Message.Contains("open for writing")
                .And.Message.Contains("lock file"));

        if (cause != Cause.UsedHardLink)
        {
            Assert.That(
                DirectorySnapshot.Of(Folder), Is.EqualTo(before), "no lock file is left that the writer does not know");
        }

        Sample.Put(writer, "still"u8, "writing"u8);
        writer.Dispose();
        using var reader = Database.Open(path, cause == Cause.WithoutLock ? WithoutLock : ReadOnly);
        Assert.That(Sample.Get(reader, "still"u8), Is.EqualTo("writing"u8.ToArray()));
    }

    [Test]
    public void Writer_WhoDoesNotShareAReadersLockFile_IsRefused_AndTheHeldSnapshotStays([Values] Cause cause)
    {
        Machine.NeedLinux();
        MakeAndOpen().Dispose();
        var path = cause == Cause.UsedHardLink ? Separate(cause) : DatabasePath;
        var reader = Database.Open(DatabasePath, cause == Cause.WithoutLock ? WithoutLock : ReadOnly);
        var snapshot = reader.OpenSnapshot();
        if (cause is Cause.HardLink or Cause.DeletedLockFile)
        {
            path = Separate(cause);
        }

        Assert.That(
            () => Database.Open(path),
            Throws.TypeOf<DatabaseBusyException>()
                .With.Message.Contains("is being read")
                .And.Message.Contains("lock file"));

        Assert.That(snapshot.Main.All().Count(), Is.EqualTo(Entries));
        snapshot.Dispose();
        reader.Dispose();
        using var writer = Database.Open(path);
        Sample.Put(writer, "now"u8, "written"u8);
    }

    [Test]
    public void Writer_WhoDoesNotShareTheWritersLockFile_IsRefused(
        [Values(Cause.HardLink, Cause.UsedHardLink, Cause.DeletedLockFile)] Cause cause)
    {
        Machine.NeedLinux();
        using var writer = MakeAndOpen();
        var path = Separate(cause);

        Assert.That(
            () => Database.Open(path), Throws.TypeOf<DatabaseBusyException>().With.Message.Contains("a hard link"));
    }

    [Test]
    public void Readers_WithDifferentLockFiles_DoNotDisturbEachOther([Values] Cause cause)
    {
        Machine.NeedLinux();
        MakeAndOpen().Dispose();
        using var first = Database.Open(DatabasePath, ReadOnly);
        var path = Separate(cause);
        using var second = Database.Open(path, cause == Cause.WithoutLock ? WithoutLock : ReadOnly);

        Assert.That(Sample.ReadAll(second)[""].Count, Is.EqualTo(Sample.ReadAll(first)[""].Count));
    }

    [Test]
    public void Readers_WhoShareTheWritersLockFile_ComeAndGo()
    {
        using var writer = MakeAndOpen();
        for (var i = 0; i < 3; i++)
        {
            using var reader = Database.Open(DatabasePath, ReadOnly);
            Sample.Put(writer, "n"u8, [(byte)i]);
            Assert.That(Sample.Get(reader, "n"u8), Is.EqualTo(new[] { (byte)i }));
        }
    }

    [Test]
    public void Writer_WhileReadersShareItsLockFileOnly_OpensAgainAndAgain()
    {
        MakeAndOpen().Dispose();
        using var reader = Database.Open(DatabasePath, ReadOnly);
        for (var i = 0; i < 3; i++)
        {
            using var writer = Database.Open(DatabasePath);
            Sample.Put(writer, "n"u8, [(byte)i]);
            Assert.That(Sample.Get(reader, "n"u8), Is.EqualTo(new[] { (byte)i }));
        }
    }

    [Test]
    public void Names_OfALockFileThatWasLinkedWithItsDatabase_LeadToTheSameLocks()
    {
        using var writer = MakeAndOpen();
        Machine.Need("ln", DatabasePath, OtherPath);
        Machine.Need("ln", DatabasePath + "-lock", OtherPath + "-lock");

        using var reader = Database.Open(OtherPath, ReadOnly);
        Sample.Put(writer, "seen"u8, "there"u8);

        Assert.That(Sample.Get(reader, "seen"u8), Is.EqualTo("there"u8.ToArray()));
        Assert.That(
            () => Database.Open(OtherPath),
            Throws.TypeOf<DatabaseBusyException>().With.Message.Contains($"this process ({Environment.ProcessId})"));
    }

    [Test]
    public void Opens_UnderTwoLockFilesAtTheSameMoment_AreNeverBothLetIn()
    {
        Machine.NeedLinux();
        MakeAndOpen().Dispose();
        var path = Separate(Cause.UsedHardLink);
        var openings = 0;
        for (var round = 0; round < 12; round++)
        {
            using var barrier = new Barrier(2);
            var results = new Database?[2];
            Parallel.Invoke(
                () => results[0] = TryOpen(DatabasePath, null, barrier),
                () => results[1] = TryOpen(path, ReadOnly, barrier));
            Assert.That(results, Has.Some.Null, "a writer and a reader that it does not see");
            openings += results.Count(database => database is not null);
            Array.ForEach(results, database => database?.Dispose());
        }

        Assert.That(openings, Is.GreaterThan(0));
    }

    [Test]
    public void Tool_BesideAWriterWithAnotherLockFile_SaysWhy(
        [Values(Cause.HardLink, Cause.UsedHardLink, Cause.DeletedLockFile)] Cause cause)
    {
        Machine.NeedLinux();
        using var writer = MakeAndOpen();
        var path = Separate(cause);
        foreach (var command in new[] { "info", "check", "stat", "pages" })
        {
            var result = Run(command, path);
            Assert.That(result.ExitCode, Is.GreaterThan(1), command + result.Output);
            Assert.That(result.Error, Does.Contain("open for writing").And.Contain("lock file"), command);
        }
    }

    [Test]
    public void Process_ThatReachesTheFileByABindMount_KnowsTheOthers()
    {
        Machine.Need("unshare", "--mount", "true");
        MakeAndOpen().Dispose();
        Directory.CreateDirectory(InFolder("elsewhere"));
        File.WriteAllText(InFolder("elsewhere/mounted.db"), "");
        using var other = HelperProcess.Start(
            "unshare",
            "--mount",
            "sh",
            "-c",
            $"mount --bind '{DatabasePath}' '{InFolder("elsewhere/mounted.db")}' && exec \"$@\"",
            "sh");
        using (var writer = Database.Open(DatabasePath))
        {
            Assert.That(
                other.Ask($"db-open {InFolder("elsewhere/mounted.db")} readonly"),
                Does.StartWith("!DatabaseBusyException").And.Contain("a bind mount"));
            Assert.That(
                other.Ask($"db-open {InFolder("elsewhere/mounted.db")}"),
                Does.StartWith("!DatabaseBusyException").And.Contain("a bind mount"));
        }

        other.Do($"db-open {InFolder("elsewhere/mounted.db")} readonly");
        other.Do("db-hold");
        Assert.That(
            () => Database.Open(DatabasePath),
            Throws.TypeOf<DatabaseBusyException>().With.Message.Contains("a bind mount"));
        Assert.That(other.Do("db-held"), Is.EqualTo($"{Entries}"));

        other.Do("db-close");
        Database.Open(DatabasePath).Dispose();
    }

    [Test]
    public void Process_ThatHeldTheFileUnderAnotherNameAndWasKilled_IsInNobodysWay([Values] bool writing)
    {
        Machine.NeedLinux();
        MakeAndOpen().Dispose();
        var path = Separate(Cause.HardLink);
        using var other = HelperProcess.Start();
        other.Do($"db-open {path}{(writing ? "" : " readonly")}");
        Assert.That(() => Database.Open(DatabasePath), Throws.TypeOf<DatabaseBusyException>());

        other.Kill();

        Database? database = null;
        Patience.Until(
            () => (database = TryOpen(DatabasePath, null, null)) is not null, "the killed process's locks fall");
        database!.Dispose();
    }

    private static Database? TryOpen(string path, DatabaseOptions? options, Barrier? barrier)
    {
        try
        {
            barrier?.SignalAndWait();
            return Database.Open(path, options);
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }

    private Database MakeAndOpen()
    {
        var database = Database.Open(DatabasePath);
        Sample.Fill(database, 0, Entries);
        return database;
    }

    /// <summary>Makes that another open does not find the lock file that is there.</summary>
    /// <returns>The path for that open.</returns>
    private string Separate(Cause cause)
    {
        switch (cause)
        {
            case Cause.HardLink:
                Machine.Need("ln", DatabasePath, OtherPath);
                return OtherPath;
            case Cause.UsedHardLink:
                Machine.Need("ln", DatabasePath, OtherPath);
                new Engine.Storage.FileStorage(OtherPath).OpenLockFile(readOnly: true).Dispose();
                return OtherPath;
            case Cause.DeletedLockFile:
                File.Delete(DatabasePath + "-lock");
                return DatabasePath;
            default:
                return DatabasePath;
        }
    }
}
