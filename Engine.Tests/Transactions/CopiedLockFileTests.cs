using System.Buffers.Binary;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Transactions;

/// <summary>
/// A lock file that says things about another file than the database beside it, or about the time before the machine
/// was started.
/// </summary>
public class CopiedLockFileTests
{
    private static readonly DatabaseOptions ReadOnly = new() { ReadOnly = true };

    private TempDirectory _directory = null!;

    private string Path => _directory.DatabasePath;

    private string CopyPath => _directory.File("copy.db");

    [SetUp]
    public void SetUp()
    {
        Machine.NeedLinux();
        _directory = new TempDirectory();
    }

    [TearDown]
    public void TearDown() => _directory?.Dispose();

    [Test]
    public void LockFile_NamesItsDatabaseAndTheStartOfTheMachine([Values] bool afterCreation)
    {
        using (var database = Make())
        {
            if (!afterCreation)
            {
                database.Dispose();
                File.Delete(Path + "-lock");
                Database.Open(Path, ReadOnly).Dispose();
            }
        }

        Assert.That(FileStatus.TryGet(Path, followLinks: true, out var status, out _), Is.True);
        var header = LockedFiles.Read(Path + "-lock").AsSpan(0, LockLayout.HeaderSize);
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(header[40..]), Is.EqualTo(status.Identity.Device));
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(header[48..]), Is.EqualTo(status.Identity.Inode));
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(header[112..]), Is.EqualTo(status.Identity.Birth));
        Assert.That(
            new Guid(header.Slice(80, 16)),
            Is.EqualTo(Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id"))));
    }

    [Test]
    public void Copy_OfALiveDatabaseWithItsLockFile_IsNobodysBusiness([Values] bool readOnly, [Values] bool isFlushing)
    {
        using var database = Make();
        using var reader = Database.Open(Path, ReadOnly);
        using var snapshot = reader.OpenSnapshot();
        database.Core.LockFile.FlushMark = isFlushing;
        Copy();
        database.Core.LockFile.FlushMark = false;

        using var copy = Database.Open(CopyPath, new DatabaseOptions { ReadOnly = readOnly });

        Assert.That(Sample.Get(copy, "k"u8), Is.EqualTo("v"u8.ToArray()));
        Assert.That(
            copy.Core.LockFile.Readers.Describe().Where(info => !info.IsOwn),
            Is.Empty,
            "its readers read another file");
        Assert.That(copy.Core.LockFile.HasOthers, Is.False);
        Sample.Put(database, "k"u8, "goes on"u8);
    }

    [Test]
    public void Copy_WithItsLockFile_IsNotTakenForClosedInGoodOrder()
    {
        Make().Dispose();
        Copy();
        Assert.That(
            BinaryPrimitives.ReadUInt32LittleEndian(
                LockedFiles.Read(CopyPath + "-lock").AsSpan(LockLayout.CleanMarkOffset)),
            Is.EqualTo(1),
            "the copied mark");

        using var lockFile = new FileStorage(CopyPath).OpenLockFile(readOnly: true);

        Assert.That(IsMarkedClosed(CopyPath), Is.False);
        using var original = new FileStorage(Path).OpenLockFile(readOnly: true);
        Assert.That(IsMarkedClosed(Path), Is.True);
    }

    private static bool IsMarkedClosed(string path) =>
        BinaryPrimitives.ReadUInt32LittleEndian(
            LockedFiles.Read(path + "-lock").AsSpan(LockLayout.CleanMarkOffset)) == 1;

    [Test]
    public void LockFile_ThatIsAboutAnotherFileAndInUse_IsLeftAsItIs_AndItsMarksAreNotBelieved()
    {
        Make().Dispose();
        Copy();
        using var user = new FileStorage(Path).OpenLockFile(readOnly: true);
        user.FlushMark = true;
        File.Move(CopyPath, Path, overwrite: true);
        var before = LockedFiles.Read(Path + "-lock")[..LockLayout.PublishedOffset];

        using (var database = Database.Open(Path, ReadOnly))
        {
            Assert.That(Sample.Get(database, "k"u8), Is.EqualTo("v"u8.ToArray()));
        }

        Assert.That(LockedFiles.Read(Path + "-lock")[..LockLayout.PublishedOffset], Is.EqualTo(before));
        Assert.That(() => Database.Open(Path), Throws.TypeOf<DatabaseReplacedException>(), "somebody relies on it");
        user.Dispose();
        Database.Open(Path).Dispose();
    }

    [Test]
    public void Marks_FromBeforeTheMachineWasStarted_AreForgotten_ButNotHowTheFileWasClosed()
    {
        Make().Dispose();
        Change(header =>
        {
            header[LockLayout.FlushMarkOffset] = 1;
            header[LockLayout.ClosedIdOffset] = 7;
            header[LockLayout.FileIdOffset] = 8;
        });
        Assert.That(
            () => Database.Open(Path, ReadOnly), Throws.TypeOf<DatabaseAccessException>(), "the mark is of this start");
        Change(header => header[LockLayout.BootIdOffset] ^= 1);

        using var lockFile = new FileStorage(Path).OpenLockFile(readOnly: true);

        Assert.That((lockFile.FlushMark, IsMarkedClosed(Path)), Is.EqualTo((false, true)));
        var bytes = LockedFiles.Read(Path + "-lock");
        Assert.That((bytes[LockLayout.ClosedIdOffset], bytes[LockLayout.FileIdOffset]), Is.EqualTo((7, 8)));
        lockFile.Dispose();
        Database.Open(Path, ReadOnly).Dispose();
    }

    [Test]
    public void LockFile_FromBeforeTheMachineWasStarted_OnAFileSystemWithAnotherNumberNow_IsAboutTheSameFile()
    {
        Make().Dispose();
        Change(header =>
        {
            header[LockLayout.ClosedIdOffset] = 7;
            header[LockLayout.DatabaseDeviceOffset] ^= 1;
            header[LockLayout.BootIdOffset] ^= 1;
        });

        new FileStorage(Path).OpenLockFile(readOnly: true).Dispose();

        Assert.That(LockedFiles.Read(Path + "-lock")[LockLayout.ClosedIdOffset], Is.EqualTo(7));
    }

    [Test]
    public void LockFile_InUseByWhoSaysThatTheMachineStartedAtAnotherTime_IsShared()
    {
        using var database = Make();
        Change(header => header[LockLayout.BootIdOffset] ^= 1);

        using var reader = Database.Open(Path, ReadOnly);

        Sample.Put(database, "k"u8, "seen"u8);
        Assert.That(Sample.Get(reader, "k"u8), Is.EqualTo("seen"u8.ToArray()));
    }

    private Database Make()
    {
        var database = Database.Open(Path, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Put(database, "k"u8, "v"u8);
        return database;
    }

    private void Copy()
    {
        File.WriteAllBytes(CopyPath, LockedFiles.Read(Path));
        File.WriteAllBytes(CopyPath + "-lock", LockedFiles.Read(Path + "-lock"));
    }

    private delegate void HeaderChange(Span<byte> header);

    private void Change(HeaderChange change)
    {
        var header = LockedFiles.Read(Path + "-lock").AsSpan(0, LockLayout.HeaderSize);
        change(header);
        LockedFiles.Write(Path + "-lock", 0, header);
    }
}
