using System.Diagnostics;
using System.Globalization;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Microsoft.Win32.SafeHandles;

namespace Engine.Tests.Storage;

/// <summary>The lock file between processes, some of which die.</summary>
[Category(Categories.Process), NonParallelizable]
public class LockFileProcessesTests : StorageTest
{
    [Test]
    public void WriterLock_IsHeldAcrossProcesses_AndFallsWhenTheWriterIsKilled()
    {
        using HelperProcess other = StartAndJoin();
        using LockFile file = Open();
        Assert.That(other.Do("writer"), Is.EqualTo("True"));
        other.Do("mark");
        other.Do("publish 4711");

        Assert.That(file.TryLockWriter(), Is.False);
        Assert.That(file.HasLiveWriter, Is.True);
        Assert.That(file.DescribeWriter(), Is.EqualTo($"process {other.Id}"));
        Assert.That(file.PublishedId, Is.EqualTo(4711));

        other.Kill();

        Patience.Until(() => !file.HasLiveWriter, "the writer's locks fall");
        Assert.That(file.FlushMark, Is.True);
        Assert.That(file.TryLockWriter(), Is.True);
    }

    [Test]
    public void WriterLock_WhoseHolderWasKilled_IsWaitedForWhenItsLocksOutliveIt()
    {
        Machine.NeedLinux();
        using LockFile file = Open();
        using HelperProcess other = StartAndJoin();
        Assert.That(other.Do("writer"), Is.EqualTo("True"));
        other.Kill();
        Patience.Until(() => !file.HasLiveWriter, "the writer's locks fall");

        // As if its open file lived on: the lock of the whole file, and the byte of its entry, the second one.
        const long SecondEntry = (1L << 40) + 2;
        using SafeFileHandle late = LockFileOpener.Open(LockPath, DatabasePath, readOnly: false);
        var locks = new FileLocks(late, LockPath);
        Assert.That(locks.TryLockFile(), Is.True);
        Assert.That(locks.TryLockRange(SecondEntry, exclusive: true), Is.True);
        Assert.That(file.HasLiveWriter, Is.True, "that is what its lock says");
        file.PatienceWithPassers = Patience.Limit;
        Task unlocked = Task.Delay(50).ContinueWith(_ => locks.UnlockAll(), TaskScheduler.Default);

        Assert.That(file.TryLockWriter(), Is.True);
        unlocked.Wait(Patience.Limit);
    }

    [Test]
    public void WriterLock_HeldHere_KeepsOtherProcessesOut()
    {
        using LockFile file = Open();
        Assert.That(file.TryLockWriter(), Is.True);
        using HelperProcess other = StartAndJoin();

        Assert.That(other.Do("writer"), Is.EqualTo("False"));
        Assert.That(other.Do("haswriter"), Is.EqualTo("True"));

        file.Dispose();

        Assert.That(other.Do("haswriter"), Is.EqualTo("False"));
        Assert.That(other.Do("writer"), Is.EqualTo("True"));
    }

    [Test]
    public void WriterLock_HeldByAProgramThatIsNoEngine_KeepsWritersOut()
    {
        using LockFile file = Open();
        Machine.Need("flock", "--version");
        var start = new ProcessStartInfo(
            "flock", ["-x", LockPath, "sh", "-c", "echo held; exec sleep 100"])
        { RedirectStandardOutput = true };
        using Process holder = Process.Start(start)!;
        Assert.That(holder.StandardOutput.ReadLine(), Is.EqualTo("held"));

        Assert.That(file.TryLockWriter(), Is.False);
        Assert.That(file.HasLiveWriter, Is.False);
        Assert.That(file.DescribeWriter(), Is.EqualTo("another process"));

        holder.Kill(entireProcessTree: true);
        holder.WaitForExit();
    }

    [Test]
    public void Pins_OfAnotherProcess_AreSeen_AndSweptWhenItIsKilled()
    {
        using LockFile file = Open();
        file.TryLockWriter();
        using HelperProcess dying = StartAndJoin();
        using HelperProcess living = StartAndJoin();
        dying.Do("pin 5");
        dying.Do("pin 6");
        living.Do("pin 7");
        ulong[] ids = new ulong[4];
        Assert.That(file.Readers.CollectPins(ids), Is.EqualTo(3));
        Assert.That(file.Readers.SweepDead(), Is.Zero);
        Assert.That(
            file.Readers.Describe().Select(info => (info.ProcessId, info.Liveness, info.TransactionId)),
            Is.EquivalentTo(
                new[]
                {
                    (dying.Id, ProcessLiveness.Alive, 5UL),
                    (dying.Id, ProcessLiveness.Alive, 6UL),
                    (living.Id, ProcessLiveness.Alive, 7UL)
                }));

        dying.Kill();

        Patience.Until(
            () => file.Readers.Describe().Count(info => info.Liveness == ProcessLiveness.Dead) == 2,
            "both slots are seen to be a dead process's");
        Assert.That(file.Readers.SweepDead(), Is.EqualTo(2));
        Assert.That(file.Readers.CollectPins(ids), Is.EqualTo(1));
        Assert.That(ids[0], Is.EqualTo(7));
    }

    [Test]
    public void Pins_OfAProcessKilledWhileItClaimsAndReleases_AreSwept()
    {
        using LockFile file = Open();
        file.TryLockWriter();
        for (int round = 0; round < 3; round++)
        {
            HelperProcess churning = StartAndJoin();
            Task<string> answer = Task.Run(() => churning.Ask("churn 2000000000"));
            Patience.Until(() => file.Readers.CollectPins(new ulong[4]) != 0, "the helper pins");
            churning.Kill();
            Assert.That(answer.Result, Is.EqualTo("!gone"));

            Patience.Until(() => !file.HasOthers, "the helper's locks fall");
            Assert.That(file.Readers.SweepDead(), Is.LessThanOrEqualTo(1));
            Assert.That(file.Readers.Describe(), Is.Empty);
            churning.Dispose();
        }
    }

    [Test]
    public void Process_ThatLeavesInGoodOrder_LeavesNothing()
    {
        using LockFile file = Open();
        using HelperProcess other = StartAndJoin();
        string slot = other.Do("pin 5");
        Assert.That(file.HasOthers, Is.True);

        other.Do("release " + slot);
        Assert.That(file.Readers.Describe(), Is.Empty);
        other.Do("leave");

        Assert.That(file.HasOthers, Is.False);
        Assert.That(file.Readers.SweepDead(), Is.Zero);
    }

    [Test]
    public void Process_InAnotherPidNamespace_IsAliveWhileItsLockSaysSo_AndSweptAfterItsDeath()
    {
        using LockFile file = Open();
        file.TryLockWriter();
        using HelperProcess container = StartInAnotherNamespace();
        container.Do("pin 5");
        ReaderInfo info = file.Readers.Describe().Single();
        Assert.That(info.ProcessId, Is.EqualTo(int.Parse(container.Do("pid"), CultureInfo.InvariantCulture)));
        Assert.That(info.Liveness, Is.EqualTo(ProcessLiveness.Alive));
        Assert.That(file.Readers.SweepDead(), Is.Zero);
        file.UnlockWriter();
        Assert.That(container.Do("writer"), Is.EqualTo("True"));
        Assert.That(
            file.DescribeWriter(), Is.EqualTo($"process {info.ProcessId} of another container (pid namespace)"));

        container.Kill();

        Patience.Until(
            () => file.Readers.Describe().Single().Liveness == ProcessLiveness.Dead, "the container's locks fall");
        Assert.That(file.TryLockWriter(), Is.True);
        Assert.That(file.Readers.SweepDead(), Is.EqualTo(1));
    }

    [Test]
    public unsafe void Process_InAnotherPidNamespaceWithoutLocks_IsNeverSwept()
    {
        using LockFile file = Open();
        file.TryLockWriter();
        using HelperProcess container = StartInAnotherNamespace();
        container.Do("pin 5");

        // As if its file system had no range locks.
        ulong* token = SecondToken(file);
        Assert.That(*token & LockLayout.TokenKeepsLock, Is.Not.Zero);
        *token &= ~LockLayout.TokenKeepsLock;
        container.Kill();

        Patience.Until(
            () => file.Readers.Describe().Single().Liveness == ProcessLiveness.Unknown, "the container's locks fall");
        Assert.That(file.Readers.SweepDead(), Is.Zero);
        Assert.That(file.Readers.CollectPins(new ulong[1]), Is.EqualTo(1));
        Assert.That(file.HasOthers, Is.True);
    }

    [Test]
    public unsafe void Process_WithoutLocks_IsSweptByItsNumberAndStart()
    {
        Machine.NeedLinux();
        using LockFile file = Open();
        file.TryLockWriter();
        using HelperProcess other = StartAndJoin();
        other.Do("pin 5");
        *SecondToken(file) &= ~LockLayout.TokenKeepsLock;
        Assert.That(file.Readers.SweepDead(), Is.Zero);

        other.Kill();

        Patience.Until(() => file.Readers.SweepDead() == 1, "the dead process is swept");
    }

    [Test]
    public void Open_OfAFileThatAnotherProcessUses_NeverLaysItOutAgain()
    {
        using HelperProcess other = StartAndJoin();
        other.Do("pin 5");
        using (FileStream stream = new(LockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            stream.Write("ENGNLOCKJUNK"u8);
        }

        Assert.That(Open, Throws.TypeOf<DatabaseFormatException>());
        Assert.That(File.ReadAllBytes(LockPath)[..12], Is.EqualTo("ENGNLOCKJUNK"u8.ToArray()));

        other.Kill();
        LockFile? file = null;
        Patience.Until(() => TryOpen(out file), "the killed process's share of the file falls");
        using (file)
        {
            Assert.That(file!.Readers.Describe(), Is.Empty);
        }
    }

    [Test]
    public void Open_ForReadingWithoutTheRightToWrite_TellsAboutWithoutLock([Values] bool lockFileExists)
    {
        string[] user = Machine.AsOrdinaryUser();
        File.WriteAllText(DatabasePath, "");
        if (lockFileExists)
        {
            Open().Dispose();
            Protect(LockPath, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        }

        Protect(
            Folder,
            UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        using HelperProcess other = HelperProcess.Start(user);
        other.Do("storage " + DatabasePath);

        Assert.That(other.Ask("join reader"), Does.StartWith("!DatabaseAccessException").And.Contain("WithoutLock"));
        Assert.That(
            other.Ask("join writer"), Does.StartWith("!DatabaseAccessException").And.Not.Contain("WithoutLock"));

        other.Do("storage " + DatabasePath + " without");
        other.Do("join reader");
        other.Do("pin 5");
        Unprotect();
    }

    [Test]
    public void OpenFile_WithoutRights_SaysWhatIsMissing()
    {
        string[] user = Machine.AsOrdinaryUser();
        File.WriteAllText(DatabasePath, "");
        Protect(DatabasePath, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Protect(
            Folder,
            UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        using HelperProcess other = HelperProcess.Start(user);
        other.Do("storage " + DatabasePath);

        Assert.That(
            other.Ask("open writable"),
            Does.StartWith("!DatabaseAccessException").And.Contain("rights are missing").And.Contain("ReadOnly"));
        Assert.That(other.Ask("create"), Does.StartWith("!DatabaseAccessException").And.Contain("directory"));
        other.Do("open readable");

        Protect(DatabasePath, UnixFileMode.None);
        Assert.That(
            other.Ask("open readable"), Does.StartWith("!DatabaseAccessException").And.Contain("rights are missing"));

        Protect(Folder, UnixFileMode.None);
        Assert.That(other.Ask("exists"), Does.StartWith("!DatabaseAccessException"));
        Unprotect();
    }

    private static void Protect(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private void Unprotect() =>
        Protect(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private bool TryOpen(out LockFile? file)
    {
        try
        {
            file = Open();
            return true;
        }
        catch (DatabaseFormatException)
        {
            file = null;
            return false;
        }
    }

    private LockFile Open() => new FileStorage(DatabasePath).OpenLockFile(readOnly: false);

    /// <summary>The token of who came second: the one that opened for writing has the first entry.</summary>
    private static unsafe ulong* SecondToken(LockFile file)
    {
        byte* entry = file.DangerousAddress + LockLayout.ProcessesOffset + LockLayout.ProcessSize;
        return (ulong*)(entry + LockLayout.ProcessTokenOffset);
    }

    private HelperProcess StartInAnotherNamespace()
    {
        Machine.Need("unshare", "--pid", "--fork", "--mount-proc", "true");
        return StartAndJoin("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");
    }

    private HelperProcess StartAndJoin(params string[] under)
    {
        HelperProcess helper = HelperProcess.Start(under);
        helper.Do("storage " + DatabasePath);
        helper.Do("join reader");
        return helper;
    }
}
