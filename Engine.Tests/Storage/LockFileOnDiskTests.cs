using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Microsoft.Win32.SafeHandles;

namespace Engine.Tests.Storage;

/// <summary>The lock file as a file: creation, damage, rights, handles.</summary>
public class LockFileOnDiskTests : StorageTest
{
    [Test]
    public void Open_WhenMissing_LaysOutTheDocumentedBytes()
    {
        Open().Dispose();

        byte[] bytes = File.ReadAllBytes(LockPath);
        Assert.That(bytes, Has.Length.EqualTo(327_680));
        Assert.That(bytes[..8], Is.EqualTo("ENGNLOCK"u8.ToArray()));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)), Is.EqualTo(2));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)), Is.EqualTo(1022));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(16)), Is.EqualTo(4096));
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(20)), Is.EqualTo(327_680));
    }

    [Test]
    public void Open_WhenMissing_LeavesNoHoleThatAFullDiskCouldTurnIntoACrash()
    {
        Machine.NeedLinux();
        Open().Dispose();

        // Blocks of 512 bytes; delayed allocation is settled first.
        Machine.Run("sync", LockPath);
        (int _, string blocks) = Machine.Run("stat", "-c", "%b", LockPath);
        Assert.That(
            int.Parse(blocks, System.Globalization.CultureInfo.InvariantCulture) * 512,
            Is.GreaterThanOrEqualTo(LockLayout.Size));
    }

    [TestCase(8, TestName = "Open_WhenOnlyTheMarkIsThereAndNobodyUsesIt_LaysItOut")]
    [TestCase(LockLayout.Size - 1, TestName = "Open_WhenTheFileIsTruncatedAndNobodyUsesIt_LaysItOut")]
    [TestCase(LockLayout.Size, TestName = "Open_WhenTheFileIsJunkBehindTheMarkAndNobodyUsesIt_LaysItOut")]
    [TestCase(LockLayout.Size * 2, TestName = "Open_WhenTheFileIsLongJunkBehindTheMarkAndNobodyUsesIt_LaysItOut")]
    public void Open_WhenTheFileBearsTheMarkAndIsUnusable(int length)
    {
        byte[] bytes = Bytes(length);
        "ENGNLOCK"u8.CopyTo(bytes);
        File.WriteAllBytes(LockPath, bytes);

        OpenAndExpectANewTable();
    }

    [TestCase(0, TestName = "Open_WhenTheFileIsEmpty_LaysItOut")]
    [TestCase(270_336, TestName = "Open_WhenAPowerCutLeftZerosOfVersionOne_LaysItOut")]
    [TestCase(LockLayout.Size, TestName = "Open_WhenAPowerCutLeftZeros_LaysItOut")]
    public void Open_WhenTheFileHoldsNothing(int length)
    {
        File.WriteAllBytes(LockPath, new byte[length]);

        OpenAndExpectANewTable();
    }

    [TestCase(1, TestName = "Open_WhenTheFileIsOneByteOfAnybody_LeavesIt")]
    [TestCase(8192, TestName = "Open_WhenTheFileIsAsLongAsOneOfLmdb_LeavesIt")]
    [TestCase(LockLayout.Size, TestName = "Open_WhenTheFileIsAsLongAsOneOfOurs_LeavesIt")]
    public void Open_WhenTheFileIsNoneOfOurs(int length)
    {
        byte[] bytes = Bytes(length);
        File.WriteAllBytes(LockPath, bytes);

        Assert.That(
            Open,
            Throws.TypeOf<DatabaseFormatException>()
                .With.Message.Contains(LockPath)
                .And.Message.Contains("belongs to something else"));
        Assert.That(File.ReadAllBytes(LockPath), Is.EqualTo(bytes));
    }

    [Test]
    public void Open_WhenALayingOutWasCutOff_LaysItOutAgain()
    {
        Open().Dispose();
        using (FileStream file = new(LockPath, FileMode.Open))
        {
            // Everything is there but the version, which comes last.
            file.Position = LockLayout.VersionOffset;
            file.Write(new byte[4]);
        }

        OpenAndExpectANewTable();
    }

    [Test]
    public void Open_OfALockFileOfVersionOne_WaitsUntilNobodyUsesIt()
    {
        Machine.NeedLinux();
        byte[] first = new byte[270_336];
        "ENGNLOCK"u8.CopyTo(first);
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(12), 126);
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(16), 4096);
        BinaryPrimitives.WriteUInt32LittleEndian(first.AsSpan(20), 270_336);
        File.WriteAllBytes(LockPath, first);
        const long Presence = 1L << 40;
        using (SafeFileHandle user = File.OpenHandle(
            LockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            Assert.That(new FileLocks(user, LockPath).TryLockRange(Presence, exclusive: false), Is.True);
            Assert.That(
                Open,
                Throws.TypeOf<DatabaseFormatException>()
                    .With.Message.Contains("version 1")
                    .And.Message.Contains("another process has it open"));
            Assert.That(File.ReadAllBytes(LockPath), Is.EqualTo(first));
        }

        OpenAndExpectANewTable();
    }

    private void OpenAndExpectANewTable()
    {
        using LockFile file = Open();

        Assert.That(file.TryLockWriter(), Is.True);
        Assert.That(file.PublishedId, Is.Zero);
        Assert.That(file.Readers.Describe(), Is.Empty);
        Assert.That(new FileInfo(LockPath).Length, Is.EqualTo(LockLayout.Size));
        Assert.That(
            BinaryPrimitives.ReadUInt32LittleEndian(LockedFiles.Read(LockPath).AsSpan(8)),
            Is.EqualTo(LockLayout.Version));
    }

    [TestCase(LockLayout.VersionOffset)]
    public void Open_WhenTheHeaderIsNotOurs_LaysItOutOnlyIfNobodyUsesIt(int offset)
    {
        using (LockFile user = Open())
        {
            Damage(offset);
            Assert.That(
                Open,
                Throws.TypeOf<DatabaseFormatException>()
                    .With.Message.Contains(LockPath)
                    .And.Message.Contains("another process has it open"));

            // Who has it open already is not disturbed.
            Assert.That(user.TryLockWriter(), Is.True);
            user.Readers.Release(user.Readers.Claim());
        }

        Open().Dispose();
        Assert.That(File.ReadAllBytes(LockPath)[..8], Is.EqualTo("ENGNLOCK"u8.ToArray()));
    }

    [Test]
    public void Open_OfAFileOfVersion1_LaysItOutAnew_AndKeepsTheFlushMark([Values] bool isMarked)
    {
        File.WriteAllBytes(LockPath, Version1(isMarked));

        using LockFile file = Open();

        Assert.That(new FileInfo(LockPath).Length, Is.EqualTo(LockLayout.Size));
        Assert.That(file.FlushMark, Is.EqualTo(isMarked), "the cache that it warns of is the same");
        Assert.That(file.LastSessionOf(Guid.Empty), Is.EqualTo(default(LastSession)));
        Assert.That(file.Readers.Describe(), Is.Empty);
        Assert.That(file.DescribeProcesses().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Open_OfAFileOfVersion1_ThatSomebodyHasOpen_IsRefused_AndSaysWhy()
    {
        const long Presence = 1L << 40;
        byte[] old = Version1(isMarked: false);
        File.WriteAllBytes(LockPath, old);
        using (SafeFileHandle user = LockFileOpener.Open(LockPath, DatabasePath, readOnly: false))
        {
            var locks = new FileLocks(user, LockPath);
            if (locks.TryLockRange(Presence, exclusive: false) is null)
            {
                Assert.Ignore("needs locks on single bytes");
            }

            Assert.That(
                Open,
                Throws.TypeOf<DatabaseFormatException>()
                    .With.Message.Contains("version 1")
                    .And.Message.Contains("another process has it open"));
            locks.UnlockAll();
        }

        Assert.That(File.ReadAllBytes(LockPath), Is.EqualTo(old));
        Open().Dispose();
    }

    [Test]
    public void Open_ByManyAtOnce_LaysOutOnce()
    {
        for (int round = 0; round < 20; round++)
        {
            File.Delete(LockPath);
            LockFile[] all = new LockFile[6];
            Parallel.For(0, all.Length, i =>
            {
                all[i] = Open();
                all[i].Readers.Pin(all[i].Readers.Claim(), (ulong)i + 1);
            });

            Assert.That(all[0].Readers.CollectPins(new ulong[6]), Is.EqualTo(6));
            Array.ForEach(all, file => file.Dispose());
        }
    }

    [Test]
    public void Join_AndLeave_ByEightThreads_NeverDisturbsTheOthers()
    {
        using LockFile file = Open();
        file.Readers.Pin(file.Readers.Claim(), 77);

        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 50; i++)
            {
                using LockFile mine = Open();
                int slot = mine.Readers.Claim();
                mine.Readers.Pin(slot, (ulong)(100 + thread));
                mine.Readers.Release(slot);
            }
        });

        ulong[] ids = new ulong[2];
        Assert.That(file.Readers.CollectPins(ids), Is.EqualTo(1));
        Assert.That(ids[0], Is.EqualTo(77));
        Assert.That(file.HasOthers, Is.False);
    }

    [Test]
    public void Open_WhenThePathIsADirectory_SaysSo()
    {
        Directory.CreateDirectory(LockPath);

        Assert.That(Open, Throws.TypeOf<DatabaseAccessException>().With.Message.Contains("directory"));
    }

    [Test]
    public void Open_WhenTheFolderIsMissing_SaysSo() =>
        Assert.That(
            () => new FileStorage(Path.Combine(Folder, "no", "test.db")).OpenLockFile(readOnly: true),
            Throws.TypeOf<DatabaseNotFoundException>());

    [Test]
    public void Open_WithoutLock_IsForReadersOnly() =>
        Assert.That(
            () => new FileStorage(DatabasePath, withoutLock: true).OpenLockFile(readOnly: false),
            Throws.InvalidOperationException);

    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserExecute)]
    public void Open_WhenMissing_GivesItTheDatabasesRights(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("needs Unix");
            return;
        }

        File.WriteAllText(DatabasePath, "");
        File.SetUnixFileMode(DatabasePath, mode);

        Open().Dispose();

        Assert.That(
            File.GetUnixFileMode(LockPath),
            Is.EqualTo((mode & ~UnixFileMode.UserExecute) | UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Handles_AreNotInherited()
    {
        Machine.NeedLinux();
        File.WriteAllBytes(DatabasePath, new byte[4096]);
        using LockFile file = Open();
        using IStorageFile database = new FileStorage(DatabasePath).OpenFile(writable: true);

        (int _, string listed) = Machine.Run("ls", "-l", "/proc/self/fd");

        Assert.That(listed, Does.Contain("->"));
        Assert.That(listed, Does.Not.Contain(Folder));
    }

    [Test]
    public void Dispose_Closes_AndUnmapsWhenNobodyCanReachTheTableAnyMore([Values] bool leaked)
    {
        Machine.NeedLinux();
        OpenAndDispose(leaked);

        Assert.That(Descriptors(), Is.Zero);
        Patience.Until(() => Collected() && Mappings() == 0, "the memory goes");
        using LockFile next = Open();
        Assert.That(next.TryLockWriter(), Is.True);
        Assert.That(next.HasOthers, Is.False);
    }

    [Test]
    public void TryLockWriter_WhenSomethingElseHoldsTheLockForAMoment_Waits()
    {
        using LockFile file = Open();
        Machine.NeedLinux();
        using SafeFileHandle passer =
            File.OpenHandle(LockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.PatienceWithPassers = Patience.Limit;
        _ = Task.Delay(100).ContinueWith(_ => passer.Dispose(), TaskScheduler.Default);

        Assert.That(file.TryLockWriter(), Is.True);
    }

    [Test, Category(Categories.Process)]
    public void Dispose_WhileAnotherThreadClaimsASlot_LeavesItTheMemory()
    {
        Machine.NeedLinux();
        using HelperProcess helper = HelperProcess.Start();
        helper.Do("storage " + DatabasePath);
        helper.Do("join reader");

        // Such a thread touches the table at any moment after the close. Memory that is gone by then ends the process.
        Assert.That(helper.Ask("pin-after-close"), Is.EqualTo("ok"));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OpenAndDispose(bool leaked)
    {
        LockFile file = Open();
        Assert.That(Mappings(), Is.EqualTo(1));
        if (leaked)
        {
            file.Readers.Claim();
        }

        file.Dispose();
        Assert.That(Mappings(), Is.EqualTo(1));
        GC.KeepAlive(file);
    }

    private static bool Collected()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return true;
    }

    private int Mappings() =>
        File.ReadAllLines("/proc/self/maps").Count(line => line.EndsWith(LockPath, StringComparison.Ordinal));

    private int Descriptors() =>
        Directory.GetFiles("/proc/self/fd").Count(link => new FileInfo(link).LinkTarget == LockPath);

    private LockFile Open() => new FileStorage(DatabasePath).OpenLockFile(readOnly: false);

    /// <summary>
    /// As the engine made them before: 126 entries, slots from 8192 on, one process and one slot in use.
    /// </summary>
    private static byte[] Version1(bool isMarked)
    {
        var bytes = new byte[270_336];
        "ENGNLOCK"u8.CopyTo(bytes);
        uint[] header = [1, 126, 4096, 270_336];
        for (int i = 0; i < header.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8 + (4 * i)), header[i]);
        }

        bytes[32] = isMarked ? (byte)1 : (byte)0;
        bytes[36] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(64), 77);
        bytes[72] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(128), 0x7FFF_FFFF);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8192), 1 | (1UL << 16));
        return bytes;
    }

    private void Damage(int offset)
    {
        // Not through .NET's files, which would lock it.
        using SafeFileHandle file = LockFileOpener.Open(LockPath, DatabasePath, readOnly: false);
        RandomAccess.Write(file, [0xEE], offset);
    }
}
