using Engine.Pages;
using Engine.Tests.Cli;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>
/// Whatever has a name that the engine would use stays as it is, byte for byte, when an open is refused; and so does
/// everything beside it.
/// </summary>
internal sealed class ForeignNeighbourTests : CliFixture
{
    /// <summary>How a database is opened.</summary>
    public enum Way
    {
        /// <summary>Without the right to write.</summary>
        ReadOnly,

        /// <summary>For writing, not to be created.</summary>
        Writing,

        /// <summary>For writing, created if there is none.</summary>
        Creating,

        /// <summary>By the tool, to look something up.</summary>
        Get,

        /// <summary>By the tool, to check it.</summary>
        Check,

        /// <summary>By the tool, to measure it.</summary>
        Stat,

        /// <summary>By the tool, to look into it.</summary>
        Info,

        /// <summary>By the tool, to write to it.</summary>
        Put,
    }

    /// <summary>Files that are no database that can be opened, besides <see cref="ForeignFiles.Kinds"/>.</summary>
    private static readonly string[] BadFiles =
        ["empty file", "cut in its metas", "cut in its first block", "cut in its pages", "other version"];

    private static IEnumerable<string> AllFiles => ForeignFiles.Kinds.Except(["link to nothing"]).Concat(BadFiles);

    private string DatabasePath => InFolder("x.mdb");

    private string LockPath => DatabasePath + "-lock";

    [Test]
    public void Open_WhenTheLockFilesNameBelongsToSomethingElse_IsRefused_AndChangesNothing(
        [ValueSource(typeof(ForeignFiles), nameof(ForeignFiles.Kinds))] string neighbour,
        [Values] Way way)
    {
        Machine.NeedLinux();
        MakeDatabase();
        File.Delete(LockPath);
        ForeignFiles.Make(neighbour, LockPath);
        var before = DirectorySnapshot.Of(Folder);

        ExpectRefusal(
            way,
            neighbour.Contains("directory", StringComparison.Ordinal)
                && !neighbour.StartsWith("link", StringComparison.Ordinal)
                ? "directory"
                : "belongs to something else");

        Assert.That(DirectorySnapshot.Of(Folder), Is.EqualTo(before));
        using var database = Database.Open(DatabasePath, new DatabaseOptions { ReadOnly = true, WithoutLock = true });
        Assert.That(Sample.Get(database, "k"u8), Is.EqualTo("v"u8.ToArray()));
        Assert.That(DirectorySnapshot.Of(Folder), Is.EqualTo(before));
    }

    [Test]
    public void Create_WhenTheLockFilesNameBelongsToSomethingElse_MakesNothing(
        [ValueSource(typeof(ForeignFiles), nameof(ForeignFiles.Kinds))] string neighbour)
    {
        Machine.NeedLinux();
        ForeignFiles.Make(neighbour, LockPath);
        var before = DirectorySnapshot.Of(Folder);

        Assert.That(() => Database.Open(DatabasePath), Throws.InstanceOf<DatabaseException>());

        Assert.That(DirectorySnapshot.Of(Folder), Is.EqualTo(before));
    }

    [Test]
    public void Create_BesideSomethingThatHasANameLikeATemporaryFile_LeavesItAlone(
        [ValueSource(typeof(ForeignFiles), nameof(ForeignFiles.Kinds))] string neighbour)
    {
        Machine.NeedLinux();
        ForeignFiles.Make(neighbour, DatabasePath + "-new");
        var before = DirectorySnapshot.Of(Folder);

        MakeDatabase();

        Assert.That(DirectorySnapshot.Of(Folder).Where(line => !IsOurs(line)), Is.EqualTo(before));
        Assert.That(DirectorySnapshot.Of(Folder), Has.Length.EqualTo(before.Length + 2));
    }

    [Test]
    public void Open_OfWhatIsNoDatabase_ChangesNothing(
        [ValueSource(nameof(AllFiles))] string file,
        [Values] Way way,
        [Values("", "lock file of LMDB", "pipe")] string neighbour)
    {
        Machine.NeedLinux();
        MakeFile(file);
        if (neighbour.Length > 0)
        {
            ForeignFiles.Make(neighbour, LockPath);
        }

        var before = DirectorySnapshot.Of(Folder);

        ExpectRefusal(way, "");

        Assert.That(DirectorySnapshot.Of(Folder), Is.EqualTo(before));
        Assert.That(
            () => Database.Open(DatabasePath, new DatabaseOptions { ReadOnly = true, WithoutLock = true }),
            Throws.InstanceOf<DatabaseException>());
        Assert.That(DirectorySnapshot.Of(Folder), Is.EqualTo(before));
    }

    [Test]
    public void Open_WithAnotherPageSizeThanTheFiles_ChangesNothing()
    {
        MakeDatabase();
        File.Delete(LockPath);
        var before = DirectorySnapshot.Of(Folder);

        Assert.That(
            () => Database.Open(DatabasePath, new DatabaseOptions { PageSize = 8192 }),
            Throws.TypeOf<DatabaseFormatException>());

        Assert.That(DirectorySnapshot.Of(Folder), Is.EqualTo(before));
    }

    [TestCase(Way.ReadOnly)]
    [TestCase(Way.Writing)]
    [TestCase(Way.Get)]
    [TestCase(Way.Check)]
    [TestCase(Way.Stat)]
    [TestCase(Way.Info)]
    public void Open_OfAPathWhereNothingIs_LeavesNothing(Way way)
    {
        ExpectRefusal(way, "no database");

        Assert.That(DirectorySnapshot.Of(Folder), Is.Empty);
    }

    [Test]
    public void Open_WhenAnEmptyFileHasTheLockFilesName_TakesItForOneThatWasNotLaidOut()
    {
        MakeDatabase();
        File.WriteAllBytes(LockPath, []);

        using var database = Database.Open(DatabasePath);

        Assert.That(Sample.Get(database, "k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public void Open_WhenTheLockFileHasAnotherNameToo_UsesIt()
    {
        MakeDatabase();
        Machine.Need("ln", LockPath, InFolder("another name"));

        using var database = Database.Open(DatabasePath);

        Assert.That(Sample.Get(database, "k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    private static bool IsOurs(string line) =>
        line.StartsWith("x.mdb ", StringComparison.Ordinal) || line.StartsWith("x.mdb-lock ", StringComparison.Ordinal);

    private void MakeDatabase()
    {
        using var database = Database.Open(DatabasePath);

        // The last commits first: a file that lacks pages of those before is not taken for one that a crash cut off.
        Sample.Fill(database, 0, 2000);
        Sample.Put(database, "k"u8, "before"u8);
        Sample.Put(database, "k"u8, "v"u8);
    }

    private void MakeFile(string kind)
    {
        if (!BadFiles.Contains(kind) || kind == "empty file")
        {
            ForeignFiles.Make(kind, DatabasePath);
            return;
        }

        MakeDatabase();
        File.Delete(LockPath);
        using var file = new FileStream(DatabasePath, FileMode.Open, FileAccess.ReadWrite);
        switch (kind)
        {
            case "cut in its first block":
                file.SetLength(100);
                break;
            case "cut in its metas":
                file.SetLength(PageLayout.BlockSize * 2);
                break;
            case "cut in its pages":
                file.SetLength(file.Length / 2);
                break;
            default:
                const int Version = 8;
                file.Position = Version;
                file.WriteByte(99);
                break;
        }
    }

    private void ExpectRefusal(Way way, string part)
    {
        switch (way)
        {
            case Way.ReadOnly:
                Assert.That(
                    () => Database.Open(DatabasePath, new DatabaseOptions { ReadOnly = true }),
                    Throws.InstanceOf<DatabaseException>().With.Message.Contains(part));
                break;
            case Way.Writing:
                Assert.That(
                    () => Database.Open(DatabasePath, new DatabaseOptions { CreateIfMissing = false }),
                    Throws.InstanceOf<DatabaseException>().With.Message.Contains(part));
                break;
            case Way.Creating:
                Assert.That(
                    () => Database.Open(DatabasePath),
                    Throws.InstanceOf<DatabaseException>().With.Message.Contains(part));
                break;
            default:
                string[] command = way switch
                {
                    Way.Get => ["get", DatabasePath, "k"],
                    Way.Put => ["put", DatabasePath, "k", "v"],
                    _ => [way.ToString().ToLowerInvariant(), DatabasePath],
                };
                var result = Run(command);
                Assert.That(result.ExitCode, Is.GreaterThan(0), result.Output);
                Assert.That(result.Error + result.Output, Does.Contain(part).And.Not.Contain("internal error"));
                break;
        }
    }
}
