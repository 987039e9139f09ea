using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>
/// What the kernel sees, and what happens when it refuses: under strace, which also injects the failures.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class SystemCallTests : StorageTest
{
    private string Trace => Path.Combine(Folder, "trace");

    [Test]
    public void Write_Of64KiB_IsOneCall_AndFlushIsOneFdatasync()
    {
        using HelperProcess helper =
            StartTraced("pwrite64,pwritev,pwritev2,write,fdatasync,fsync,sync_file_range,msync");
        Create(helper);
        helper.Do("write 4096 65536");
        helper.Do("flush");
        helper.End();

        Assert.That(
            Calls("pwrite64(").Where(call => call.Contains(", 4096) = 65536", StringComparison.Ordinal)),
            Has.Exactly(1).Items);
        Assert.That(Calls("pwrite64("), Has.Length.EqualTo(1));
        Assert.That(Calls("pwritev"), Is.Empty);
        Assert.That(Calls("fdatasync("), Has.Length.EqualTo(1));
        Assert.That(Calls("fsync("), Is.Empty);
        Assert.That(Calls("msync("), Is.Empty);
    }

    [Test]
    public void LockFile_IsNeverFlushed_AndNeverWrittenThroughMsync()
    {
        using HelperProcess helper = StartTraced("fdatasync,fsync,msync,openat,open,flock");
        helper.Do("storage " + DatabasePath);
        helper.Do("join writer");
        helper.Do("writer");
        helper.Do("pin 5");
        helper.Do("leave");
        helper.End();

        Assert.That(Calls("msync("), Is.Empty);
        Assert.That(Calls("fsync("), Is.Empty);
        Assert.That(
            Calls("test.db-lock\", O_RDWR").Where(call => !call.Contains("ENOENT", StringComparison.Ordinal)),
            Is.Not.Empty.And.All.Contain("O_CLOEXEC"));
        Assert.That(
            Calls("flock(").Where(call => call.Contains("LOCK_EX|LOCK_NB", StringComparison.Ordinal)), Is.Not.Empty);
    }

    [TestCase(null)]
    [TestCase("EPERM")]
    public void LockFile_IsToBeOverwrittenInPlace_FromBeforeItsFirstByteOn_AndDoesWithoutWhereThatIsRefused(
        string? error)
    {
        string[] injected = error is null ? [] : [$"--inject=ioctl:error={error}"];
        using HelperProcess helper = StartTraced("ioctl,pwrite64,ftruncate", injected);
        helper.Do("storage " + DatabasePath);
        helper.Do("join writer");
        helper.Do("leave");
        helper.Do("join reader");
        helper.End();

        string[] calls = Calls("(");
        if (error is null)
        {
            int asked = Array.FindIndex(calls, call => call.Contains("FS_IOC_SETFLAGS", StringComparison.Ordinal));
            Assert.That(calls[asked], Does.Contain("FS_NOCOW_FL"));
            int written = Array.FindIndex(calls, call => call.Contains("pwrite64(", StringComparison.Ordinal));
            Assert.That(asked, Is.LessThan(written));
            Assert.That(Calls("FS_IOC_SETFLAGS"), Has.Length.LessThanOrEqualTo(2), "when it is made, and never again");
        }
        else
        {
            Assert.That(Calls("FS_IOC_SETFLAGS"), Is.Empty);
            Assert.That(Calls("pwrite64("), Is.Not.Empty);
        }
    }

    [Test]
    public void FlushDirectory_IsOneFsyncOfACloseOnExecHandle()
    {
        using HelperProcess helper = StartTraced("fdatasync,fsync,openat,open,rename,renameat,renameat2");
        helper.Do("storage " + DatabasePath);
        helper.Do("create");
        helper.Do("rename");
        helper.Do("flushdirectory");
        helper.End();

        Assert.That(Calls("rename"), Is.Not.Empty);
        Assert.That(Calls("fsync("), Has.Length.EqualTo(1));
        Assert.That(Calls($"\"{Folder}\", O_RDONLY|O_CLOEXEC"), Has.Length.EqualTo(1));
    }

    [Test]
    public void DropCache_AdvisesForTheWholeFile()
    {
        using HelperProcess helper = StartTraced("fadvise64");
        Create(helper);
        helper.Do("drop");
        helper.End();

        Assert.That(Calls("0, 0, POSIX_FADV_DONTNEED) = 0"), Has.Length.EqualTo(1));
    }

    [TestCase("EIO")]
    [TestCase("EINVAL")]
    [TestCase("EOPNOTSUPP")]
    [TestCase("EROFS")]
    [TestCase("ENOSPC")]
    public void Flush_OfAWritableFileThatFails_IsAnErrorAndNotRetried(string error)
    {
        using HelperProcess helper = StartTraced("fdatasync,fsync", $"--inject=fdatasync:error={error}:when=1");
        Create(helper);

        Assert.That(
            helper.Ask("flush"),
            Does.StartWith($"!StorageWriteException {error == "ENOSPC"}").And.Contain("could not be flushed"));
        helper.End();

        Assert.That(Calls("fdatasync("), Has.Length.EqualTo(1));
        Assert.That(Calls("fsync("), Is.Empty);
    }

    [Test]
    public void Flush_ThatIsInterrupted_IsDoneAgain()
    {
        using HelperProcess helper = StartTraced("fdatasync", "--inject=fdatasync:error=EINTR:when=1..3");
        Create(helper);
        helper.Do("flush");
        helper.End();

        Assert.That(Calls("fdatasync("), Has.Length.EqualTo(4));
    }

    [TestCase("EIO", true)]
    [TestCase("EROFS", false)]
    [TestCase("EINVAL", false)]
    public void Flush_OfAFileOpenedForReading_FailsOnlyIfTheDiskDoes(string error, bool fails)
    {
        File.WriteAllText(DatabasePath, "x");
        using HelperProcess helper = StartTraced("fdatasync", $"--inject=fdatasync:error={error}");
        helper.Do("storage " + DatabasePath);
        helper.Do("open readable");

        Assert.That(helper.Ask("flush"), fails ? Does.StartWith("!StorageWriteException") : Is.EqualTo("ok"));
    }

    [Test]
    public void Write_ThatIsShort_GoesOnWhereItStopped()
    {
        // The kernel claims 1,000 bytes and writes none; what counts is what is asked for next.
        using HelperProcess helper = StartTraced("pwrite64", "--inject=pwrite64:retval=1000:when=1");
        Create(helper);
        helper.Do("fill 0 5000");
        helper.End();

        Assert.That(Calls("pwrite64(").Last(), Does.Contain("4000, 1000) = 4000"));
        Assert.That(new FileInfo(DatabasePath).Length, Is.EqualTo(5000));
    }

    [TestCase("ENOSPC", true)]
    [TestCase("EDQUOT", true)]
    [TestCase("EFBIG", true)]
    [TestCase("EIO", false)]
    public void Write_ThatFails_Throws(string error, bool isFull)
    {
        using HelperProcess helper = StartTraced("pwrite64", $"--inject=pwrite64:error={error}");
        Create(helper);

        Assert.That(helper.Ask("fill 0 5000"), Does.StartWith($"!StorageWriteException {isFull} "));
    }

    [TestCase("ENOSPC", true)]
    [TestCase("EFBIG", true)]
    [TestCase("EIO", false)]
    public void SetLength_ThatFails_Throws(string error, bool isFull)
    {
        using HelperProcess helper = StartTraced("ftruncate", $"--inject=ftruncate:error={error}");
        Create(helper);

        Assert.That(helper.Ask("setlength 100000"), Does.StartWith($"!StorageWriteException {isFull} "));
    }

    [TestCase("EIO", true)]
    [TestCase("EINVAL", false)]
    public void FlushDirectory_ThatFails_ThrowsUnlessDirectoriesCannotBeFlushedThere(string error, bool throws)
    {
        using HelperProcess helper = StartTraced("fsync", $"--inject=fsync:error={error}");
        helper.Do("storage " + DatabasePath);
        helper.Do("create");
        helper.Do("rename");

        Assert.That(helper.Ask("flushdirectory"), throws ? Does.StartWith("!StorageWriteException") : Is.EqualTo("ok"));
    }

    [TestCase("ENOSPC", "DatabaseFullException")]
    [TestCase("EIO", "DatabaseException")]
    public void LockFile_ThatCannotBeWritten_IsATypedError(string error, string exception)
    {
        using HelperProcess helper = StartTraced("pwrite64", $"--inject=pwrite64:error={error}");
        helper.Do("storage " + DatabasePath);

        Assert.That(helper.Ask("join reader"), Does.StartWith("!" + exception + " ").And.Contain("test.db-lock"));
    }

    [Test]
    public void LockFile_OnAFileSystemWithoutFileLocks_IsATypedError()
    {
        using HelperProcess helper = StartTraced("flock", "--inject=flock:error=ENOLCK");
        helper.Do("storage " + DatabasePath);

        Assert.That(
            helper.Ask("join reader"), Does.StartWith("!DatabaseAccessException").And.Contain("local file system"));
    }

    [Test]
    public void LockFile_OnAKernelWithoutRangeLocks_WorksByProcessNumbers()
    {
        using HelperProcess helper = StartTraced("fcntl", "--inject=fcntl:error=EINVAL");
        helper.Do("storage " + DatabasePath);
        helper.Do("join reader");
        Assert.That(helper.Do("writer"), Is.EqualTo("True"));
        helper.Do("pin 5");
        using LockFile here = new FileStorage(DatabasePath).OpenLockFile(readOnly: true);
        Assert.That(here.HasLiveWriter, Is.True);
        Assert.That(here.Readers.SweepDead(), Is.Zero);

        helper.Kill();

        Patience.Until(() => !here.HasLiveWriter, "the writer is seen to be dead");
        Assert.That(here.TryLockWriter(), Is.True);
        Assert.That(here.Readers.SweepDead(), Is.EqualTo(1));
    }

    [TestCase(
        "renameat2",
        "--inject=renameat2:error=EINVAL",
        TestName = "RenameTemporary_WhereThereIsNoExclusiveRename_ReplacesNothing")]
    [TestCase(
        "renameat2,link,linkat",
        "--inject=renameat2,link,linkat:error=EPERM",
        TestName = "RenameTemporary_WhereThereAreNoLinksEither_ReplacesNothing")]
    public void RenameTemporary_OnAPoorFileSystem(string calls, string inject)
    {
        using HelperProcess helper = StartTraced(calls, inject);
        helper.Do("storage " + DatabasePath);
        helper.Do("create");
        File.WriteAllText(DatabasePath, "somebody's");
        Assert.That(helper.Ask("rename"), Does.StartWith("!DatabaseBusyException"));
        Assert.That(File.ReadAllText(DatabasePath), Is.EqualTo("somebody's"));
        Assert.That(Directory.GetFiles(Folder, "*-new-*"), Has.Length.EqualTo(1));

        File.Delete(DatabasePath);
        helper.Do("rename");

        Assert.That(new FileInfo(DatabasePath).Length, Is.Zero);
        Assert.That(Directory.GetFiles(Folder, "*-new-*"), Is.Empty);
        Assert.That(Calls("renameat2("), Is.Not.Empty);
    }

    [Test]
    public void Creation_WhoseRenameFails_LeavesNoTemporaryFile()
    {
        using HelperProcess helper = StartTraced("renameat2", "--inject=renameat2:error=EIO");

        Assert.That(
            helper.Ask($"db-open {DatabasePath}"), Does.StartWith("!DatabaseException").And.Contain("cannot be given"));

        Assert.That(Directory.GetFiles(Folder, "*-new-*"), Is.Empty);
        Assert.That(File.Exists(DatabasePath), Is.False);
    }

    [Test]
    public void Database_WhereTheFileSystemHasNoByteLocks_IsOpenedAllTheSame()
    {
        Database.Open(DatabasePath).Dispose();
        File.Delete(LockPath);
        using HelperProcess helper = StartTraced("fcntl", "--inject=fcntl:error=EINVAL");

        helper.Do($"db-open {DatabasePath}");
        helper.Do("db-fill 0 10 10");
        helper.Do("db-close");
        helper.Do($"db-open {DatabasePath} readonly withoutlock");
        Assert.That(helper.Do("db-count"), Is.EqualTo("10"));
    }

    private string[] Calls(string part) =>
        File.ReadAllLines(Trace).Where(
            line => line.Contains(part, StringComparison.Ordinal)
                && !line.Contains("memfd", StringComparison.Ordinal)).ToArray();

    private void Create(HelperProcess helper)
    {
        File.WriteAllBytes(DatabasePath, []);
        helper.Do("storage " + DatabasePath);
        helper.Do("open writable");
    }

    // Only calls that concern the folder of the test, so that the runtime's own do not count.
    private HelperProcess StartTraced(string calls, params string[] options)
    {
        Machine.Need("strace", "-o", "/dev/null", "true");
        string[] paths = [DatabasePath, LockPath, Folder];
        return HelperProcess.Start(
            [
                "strace", "-f", "-qq", "-o", Trace, "--trace=" + calls,
                .. paths.SelectMany(path => new[] { "-P", path }), .. options
            ]);
    }
}
