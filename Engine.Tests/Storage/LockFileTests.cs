using Engine.Storage;

namespace Engine.Tests.Storage;

/// <summary>What a lock file promises to participants of one process, in memory and on disk.</summary>
[TestFixture(LockFileKind.InMemory)]
[TestFixture(LockFileKind.InMemoryWithoutByteLocks)]
[TestFixture(LockFileKind.OnDisk)]
public partial class LockFileTests(LockFileKind kind) : StorageTest
{
    private static readonly Guid DatabaseId = new(1, 2, 3, [4, 5, 6, 7, 8, 9, 10, 11]);

    private LockMemory _memory = null!;

    [SetUp]
    public void MakeMemory() => _memory = new LockMemory(hasByteLocks: kind != LockFileKind.InMemoryWithoutByteLocks);

    [Test]
    public void NewLockFile_SaysNothing()
    {
        using LockFile file = Join();

        Assert.That(file.PublishedId, Is.Zero);
        Assert.That(file.FlushMark, Is.False);
        Assert.That(file.LastSessionOf(default), Is.EqualTo(default(LastSession)));
        Assert.That(file.HasLiveWriter, Is.False);
        Assert.That(file.HasOthers, Is.False);
        Assert.That(file.IsPrivate, Is.False);
        Assert.That(file.Readers.CollectPins([]), Is.Zero);
    }

    [Test]
    public void TryLockWriter_WhenAnotherHasIt_IsFalseUntilItIsGivenBack([Values] bool byDisposal)
    {
        LockFile first = Join();
        using LockFile second = Join();
        Assert.That(first.TryLockWriter(), Is.True);
        Assert.That(first.HoldsWriterLock, Is.True);

        Assert.That(second.TryLockWriter(), Is.False);
        Assert.That(second.HoldsWriterLock, Is.False);
        Assert.That(second.HasLiveWriter, Is.True);
        Assert.That(
            second.DescribeWriter(),
            Does.Contain(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)));

        if (byDisposal)
        {
            first.Dispose();
        }
        else
        {
            first.UnlockWriter();
        }

        Assert.That(second.HasLiveWriter, Is.False);
        Assert.That(second.TryLockWriter(), Is.True);
        first.Dispose();
        Assert.That(second.HasLiveWriter, Is.True);
    }

    [Test]
    public void TryLockWriter_Twice_IsMisuse()
    {
        using LockFile file = Join();
        file.TryLockWriter();

        Assert.That(() => file.TryLockWriter(), Throws.InvalidOperationException);
    }

    [Test]
    public void Marks_AreSharedAndStay()
    {
        LockFile first = Join();
        using LockFile second = Join();

        first.PublishedId = ulong.MaxValue - 5;
        first.FlushMark = true;
        first.BeginChanges(DatabaseId);
        first.EndChanges(7);
        first.Dispose();

        Assert.That(second.PublishedId, Is.EqualTo(ulong.MaxValue - 5));
        Assert.That(second.FlushMark, Is.True);
        Assert.That(second.LastSessionOf(DatabaseId), Is.EqualTo(new LastSession(7, 0)));

        second.FlushMark = false;
        using LockFile third = Join();
        Assert.That(third.FlushMark, Is.False);
        Assert.That(third.LastSessionOf(DatabaseId).WasClosed, Is.True);
    }

    [Test]
    public void LastSession_IsToldOfTheFileThatItWasAboutAlone()
    {
        using LockFile file = Join();
        file.BeginChanges(DatabaseId);
        file.EndChanges(7);

        Assert.That(file.LastSessionOf(DatabaseId), Is.EqualTo(new LastSession(7, 0)));
        Assert.That(file.LastSessionOf(Guid.NewGuid()), Is.EqualTo(default(LastSession)));
        Assert.That(LockFile.Private().LastSessionOf(DatabaseId), Is.EqualTo(default(LastSession)));
    }

    [Test]
    public void LastSession_ThatBeganChangesAndDidNotEndThem_WasNotClosed_ButWhatItMadeDurableIsKnown()
    {
        using LockFile file = Join();
        file.BeginChanges(DatabaseId);
        file.PublishedId = 7;
        file.EndChanges(7);
        file.BeginChanges(DatabaseId);
        file.PublishedId = 9;

        LastSession last = file.LastSessionOf(DatabaseId);
        Assert.That(last.WasClosed, Is.False);
        Assert.That(last.DurableId, Is.EqualTo(kind != LockFileKind.OnDisk || OperatingSystem.IsLinux() ? 9 : 0));
    }

    [Test]
    public void LastSession_ThatDiedBeforeItPublished_LeavesWhatIsKnownOfTheOneBefore()
    {
        LockFile first = Join();
        Assert.That(first.TryLockWriter());
        first.BeginChanges(DatabaseId);
        first.PublishedId = 9;
        LastSession known = first.LastSessionOf(DatabaseId);
        first.Abandon();
        for (int i = 0; i < 2; i++)
        {
            LockFile next = Join();
            Assert.That(next.TryLockWriter());
            Assert.That(next.PublishedId, Is.Zero, "what an earlier writer published is not what this one does");
            Assert.That(next.LastSessionOf(DatabaseId), Is.EqualTo(known));
            next.Abandon();
        }
    }

    [Test]
    public void HasOthers_CountsParticipantsThatLive()
    {
        using LockFile file = Join();
        LockFile leaving = Join();
        LockFile dying = Join();
        Assert.That(file.HasOthers, Is.True);

        leaving.Dispose();
        Assert.That(file.HasOthers, Is.True);

        dying.Abandon();
        Assert.That(file.HasOthers, Is.False);
    }

    [Test]
    public void Abandon_LetsTheWriterLockFall_AndKeepsMarksAndPins()
    {
        LockFile crashed = Join();
        crashed.TryLockWriter();
        crashed.FlushMark = true;
        crashed.PublishedId = 9;
        crashed.Readers.Pin(crashed.Readers.Claim(), 8);
        crashed.Abandon();

        using LockFile next = Join();
        Assert.That(next.HasLiveWriter, Is.False);
        Assert.That(next.FlushMark, Is.True);
        Assert.That(next.PublishedId, Is.EqualTo(9));
        Assert.That(next.Readers.CollectPins(new ulong[1]), Is.EqualTo(1));
        Assert.That(next.TryLockWriter(), Is.True);
        Assert.That(next.Readers.SweepDead(), Is.EqualTo(1));
        Assert.That(next.Readers.CollectPins([]), Is.Zero);
    }

    [Test]
    public void TryLockWriter_ForgetsWhatAnEarlierWriterPublished()
    {
        using LockFile file = Join();
        file.PublishedId = 77;

        Assert.That(file.TryLockWriter(), Is.True);

        Assert.That(file.PublishedId, Is.Zero);
    }

    [Test]
    public void WriterEndedWhileFlushing_IsTrueOnlyOfAMarkWhoseWriterIsGone()
    {
        using LockFile file = Join();
        LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        Assert.That(file.WriterEndedWhileFlushing, Is.False);
        writer.FlushMark = true;
        Assert.That(file.WriterEndedWhileFlushing, Is.False, "it is flushing");
        writer.Abandon();
        Assert.That(file.WriterEndedWhileFlushing, Is.True);
        Assert.That(file.TryLockWriter(), Is.True);
        Assert.That(file.WriterEndedWhileFlushing, Is.False, "somebody is there to mend it");
        file.FlushMark = false;
        file.UnlockWriter();
        Assert.That(file.WriterEndedWhileFlushing, Is.False);
    }

    [Test]
    public void IsStill_EndsWithTheNextIdAndWithTheNextWriter()
    {
        using LockFile file = Join();
        using LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        writer.PublishedId = 5;
        uint session = file.Session;
        Assert.That(file.IsStill(5, session), Is.True);
        writer.PublishedId = 6;
        Assert.That(file.IsStill(5, session), Is.False);
        writer.UnlockWriter();
        Assert.That(file.IsStill(6, session), Is.True);
        Assert.That(writer.TryLockWriter(), Is.True);
        writer.PublishedId = 6;
        Assert.That(file.IsStill(6, session), Is.False);
    }

    [Test]
    public void DescribeProcesses_TellsWriterReaderAndDeadApart()
    {
        using LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        LockFile dead = Join();
        dead.Abandon();
        using LockFile file = Join();

        ProcessInfo[] processes = [.. file.DescribeProcesses()];

        Assert.That(processes.Select(process => process.IsWriter), Is.EqualTo(new[] { true, false, false }));
        Assert.That(processes.Select(process => process.IsOwn), Is.EqualTo(new[] { false, false, true }));
        Assert.That(
            processes.Select(process => process.Liveness),
            Is.EqualTo(new[] { ProcessLiveness.Alive, ProcessLiveness.Dead, ProcessLiveness.Alive }));
        Assert.That(processes.Select(process => process.ProcessId), Is.All.EqualTo(Environment.ProcessId));
    }

    [Test]
    public unsafe void Join_OverAnEntryThatDiedWhileRegistering_IsNotMisled()
    {
        using LockFile file = Join();
        byte* entry = file.DangerousAddress + LockLayout.ProcessesOffset + (5 * LockLayout.ProcessSize);
        *(ulong*)(entry + LockLayout.ProcessTokenOffset) =
            new ProcessIdentity(int.MaxValue, ProcessProbe.Current.PidNamespace, 0).Token;

        Assert.That(file.Readers.SweepDead(), Is.Zero);

        Assert.That(*(ulong*)(entry + LockLayout.ProcessTokenOffset), Is.Zero);
    }

    [Test]
    public unsafe void Writer_ThatIsJunk_IsNotAlive()
    {
        using LockFile file = Join();
        ulong[] junks = [1UL << 16, 0xFFFF, ulong.MaxValue, LockLayout.Owner(125, 1), LockLayout.Owner(0, 77)];
        foreach (ulong junk in junks)
        {
            *(ulong*)(file.DangerousAddress + LockLayout.WriterOffset) = junk;

            Assert.That(file.HasLiveWriter, Is.False);
            Assert.That(file.DescribeWriter(), Is.EqualTo("another process"));
        }
    }

    [Test]
    public void Members_AfterDispose_SaySo()
    {
        LockFile file = Join();
        file.Dispose();
        file.Dispose();

        Assert.That(() => file.PublishedId, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => file.FlushMark = true, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => file.HasLiveWriter, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => file.TryLockWriter(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => file.Readers.Claim(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Private_IsSeenByNobody()
    {
        using LockFile first = new FileStorage(DatabasePath, withoutLock: true).OpenLockFile(readOnly: true);
        using LockFile second = LockFile.Private();
        first.Readers.Pin(first.Readers.Claim(), 1);

        Assert.That(first.IsPrivate, Is.True);
        Assert.That(second.Readers.CollectPins([]), Is.Zero);
        Assert.That(File.Exists(LockPath), Is.False);
    }

    private LockFile Join() => Join(LockFileUse.Writing);

    private LockFile Join(LockFileUse use) =>
        kind == LockFileKind.OnDisk
            ? new FileStorage(DatabasePath).OpenLockFile(readOnly: use == LockFileUse.Reading)
            : LockFile.InMemory(_memory, use);

    private LockFile Watch() => kind == LockFileKind.OnDisk
        ? new FileStorage(DatabasePath).WatchLockFile()
        : LockFile.InMemory(_memory, LockFileUse.Watching);
}
