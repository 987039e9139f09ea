using Engine.Storage;

namespace Engine.Tests.Storage;

/// <summary>The reader table, over memory and over a file.</summary>
[TestFixture(LockFileKind.InMemory)]
[TestFixture(LockFileKind.InMemoryWithoutByteLocks)]
[TestFixture(LockFileKind.OnDisk)]
public class ReaderTableTests(LockFileKind kind) : StorageTest
{
    private LockMemory _memory = null!;
    private LockFile _lock = null!;
    private ReaderTable _readers = null!;

    [SetUp]
    public void Open()
    {
        _memory = new LockMemory(hasByteLocks: kind != LockFileKind.InMemoryWithoutByteLocks);
        _lock = Join();
        _readers = _lock.Readers;
    }

    [TearDown]
    public void Close() => _lock.Dispose();

    [Test]
    public void Claim_GivesDistinctSlotsUntilAllAreTaken()
    {
        int[] slots = Enumerable.Range(0, LockLayout.SlotCount).Select(_ => _readers.Claim()).ToArray();

        Assert.That(slots, Is.Unique);
        Assert.That(
            () => _readers.Claim(),
            Throws.TypeOf<ReadersFullException>().With.Message.Contains("4096"));

        _readers.Release(slots[77]);
        Assert.That(_readers.Claim(), Is.EqualTo(slots[77]));
    }

    [Test]
    public void Claim_AfterARelease_GivesTheSameSlotAgain()
    {
        int first = _readers.Claim();
        int second = _readers.Claim();
        _readers.Release(second);

        Assert.That(_readers.Claim(), Is.EqualTo(second));
        Assert.That(second, Is.Not.EqualTo(first));
    }

    [Test]
    public void Claim_WithSnapshotsHeldInTurns_KeepsTheScanShort()
    {
        var held = new Queue<int>();
        for (int i = 0; i < 10_000; i++)
        {
            held.Enqueue(_readers.Claim());
            if (held.Count > 10)
            {
                _readers.Release(held.Dequeue());
            }
        }

        Assert.That(held, Has.All.LessThan(64));
    }

    [Test]
    public void ClaimPinRelease_AllocateNothing()
    {
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Round();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Round()
        {
            int slot = _readers.Claim();
            int another = _readers.Claim();
            _readers.Pin(slot, 1);
            _readers.Release(slot);
            _readers.Release(another);
        }
    }

    [Test]
    public void CollectPins_GivesEachPinnedIdOnce()
    {
        foreach (ulong id in (ulong[])[5, 7, 5, 9, 7, 5])
        {
            _readers.Pin(_readers.Claim(), id);
        }

        _readers.Claim();
        int released = _readers.Claim();
        _readers.Pin(released, 11);
        _readers.Release(released);

        ulong[] ids = new ulong[8];
        Assert.That(_readers.CollectPins(ids), Is.EqualTo(3));
        Assert.That(ids[..3], Is.EquivalentTo(new ulong[] { 5, 7, 9 }));
    }

    [Test]
    public void CollectPins_WhenTheSpanIsTooSmall_SaysHowMuchIsEnough()
    {
        foreach (ulong id in (ulong[])[5, 7, 5, 9, 7, 5, 9])
        {
            _readers.Pin(_readers.Claim(), id);
        }

        int enough = _readers.CollectPins(new ulong[1]);

        Assert.That(enough, Is.GreaterThanOrEqualTo(3));
        Assert.That(_readers.CollectPins(new ulong[enough]), Is.EqualTo(3));
        Assert.That(_readers.CollectPins([]), Is.GreaterThanOrEqualTo(3));
    }

    [Test]
    public void CollectPins_WithAllSlotsPinned_FitsTheSlotCount()
    {
        for (ulong id = 1; id <= LockLayout.SlotCount; id++)
        {
            _readers.Pin(_readers.Claim(), id);
        }

        ulong[] ids = new ulong[LockLayout.SlotCount];
        Assert.That(_readers.CollectPins(ids), Is.EqualTo(LockLayout.SlotCount));
        Assert.That(ids, Is.Unique);
    }

    [Test]
    public void CollectPins_SeesOtherParticipants()
    {
        using LockFile other = Join();
        other.Readers.Pin(other.Readers.Claim(), 123);

        ulong[] ids = new ulong[1];
        Assert.That(_readers.CollectPins(ids), Is.EqualTo(1));
        Assert.That(ids[0], Is.EqualTo(123));
    }

    [Test]
    public void Pin_Again_MovesThePin()
    {
        int slot = _readers.Claim();
        _readers.Pin(slot, 5);
        _readers.Pin(slot, 6);

        ulong[] ids = new ulong[2];
        Assert.That(_readers.CollectPins(ids), Is.EqualTo(1));
        Assert.That(ids[0], Is.EqualTo(6));
    }

    [Test]
    public void Release_Twice_LeavesTheNextOwnersPinAlone()
    {
        using LockFile other = Join();
        int slot = _readers.Claim();
        _readers.Release(slot);
        int taken;
        do
        {
            taken = other.Readers.Claim();
        }
        while (taken != slot);
        other.Readers.Pin(slot, 99);

        _readers.Release(slot);

        Assert.That(_readers.CollectPins(new ulong[1]), Is.EqualTo(1));
    }

    [TestCase(-1)]
    [TestCase(LockLayout.SlotCount)]
    [TestCase(int.MaxValue)]
    public void Slots_ThatDoNotExist_AreMisuse(int slot)
    {
        Assert.That(() => _readers.Pin(slot, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _readers.Release(slot), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Dispose_ReleasesWhatWasLeaked_AndALateReleaseDoesNothing()
    {
        LockFile leaking = Join();
        ReaderTable leaked = leaking.Readers;
        int slot = leaked.Claim();
        leaked.Pin(slot, 4711);

        leaking.Dispose();

        Assert.That(_readers.CollectPins(new ulong[1]), Is.Zero);
        Assert.That(() => leaked.Release(slot), Throws.Nothing);
        Assert.That(() => leaked.Claim(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void SweepDead_FreesWhatADeadParticipantLeft_AndNothingElse()
    {
        LockFile dead = Join();
        using LockFile living = Join();
        for (int i = 0; i < 100; i++)
        {
            dead.Readers.Pin(dead.Readers.Claim(), 1);
            living.Readers.Pin(living.Readers.Claim(), 2);
            _readers.Pin(_readers.Claim(), 3);
        }

        dead.Abandon();
        Assert.That(_readers.CollectPins(new ulong[3]), Is.EqualTo(3));

        Assert.That(_readers.SweepDead(), Is.EqualTo(100));

        ulong[] ids = new ulong[3];
        Assert.That(_readers.CollectPins(ids), Is.EqualTo(2));
        Assert.That(ids[..2], Is.EquivalentTo(new ulong[] { 2, 3 }));
        Assert.That(_readers.Describe().Count(), Is.EqualTo(200));
        Assert.That(_readers.SweepDead(), Is.Zero);
    }

    [Test]
    public void SweepDead_OfAParticipantThatOnlyClaimed_FreesItsSlot()
    {
        LockFile dead = Join();
        dead.Readers.Claim();
        dead.Abandon();

        Assert.That(_readers.SweepDead(), Is.EqualTo(1));
    }

    [Test]
    public void SweepDead_ShortensTheScanAgain()
    {
        int[] slots = Enumerable.Range(0, 1000).Select(_ => _readers.Claim()).ToArray();
        Assert.That(HighWater(), Is.GreaterThanOrEqualTo(1000));
        foreach (int slot in slots.Where(slot => slot != 40))
        {
            _readers.Release(slot);
        }

        _readers.SweepDead();
        Assert.That(HighWater(), Is.GreaterThanOrEqualTo(1000), "somebody else may be relying on it");
        _readers.LowerHighWater();

        Assert.That(HighWater(), Is.EqualTo(41));
    }

    [Test]
    public void SweepDead_FreesSlotsWhoseOwnerIsNotRegistered()
    {
        WriteSlot(50, owner: LockLayout.Owner(100, 17), id: 1);
        WriteSlot(51, owner: 0xFFFF, id: 2);
        WriteSlot(52, owner: ulong.MaxValue, id: 3);
        WriteSlot(LockLayout.SlotCount - 1, owner: LockLayout.Owner(0, 1UL << 40), id: 4);

        Assert.That(_readers.SweepDead(), Is.EqualTo(4));
        Assert.That(_readers.Describe(), Is.Empty);
    }

    [Test]
    public unsafe void HighWaterMark_ThatIsJunk_IsBounded()
    {
        *(uint*)(Region + LockLayout.HighWaterOffset) = uint.MaxValue;
        int slot = _readers.Claim();
        _readers.Pin(slot, 8);

        Assert.That(_readers.CollectPins(new ulong[1]), Is.EqualTo(1));
        Assert.That(_readers.SweepDead(), Is.Zero);
    }

    [Test]
    public void Describe_TellsSlotProcessAndPin()
    {
        int slot = _readers.Claim();
        _readers.Pin(slot, 12);
        using LockFile other = Join();
        other.Readers.Claim();
        WriteSlot(1000, owner: LockLayout.Owner(99, 3), id: 7);

        ReaderInfo[] all = _readers.Describe().ToArray();

        Assert.That(all, Has.Length.EqualTo(3));
        Assert.That(
            all.Single(info => info.IsOwn),
            Is.EqualTo(new ReaderInfo(slot, Environment.ProcessId, ProcessLiveness.Alive, 12, true)));
        Assert.That(all.Single(info => info.TransactionId == 0).Liveness, Is.EqualTo(ProcessLiveness.Alive));
        Assert.That(all[2], Is.EqualTo(new ReaderInfo(1000, 0, ProcessLiveness.None, 7, false)));
    }

    private LockFile Join() => kind == LockFileKind.OnDisk
        ? new FileStorage(DatabasePath).OpenLockFile(readOnly: false)
        : LockFile.InMemory(_memory, LockFileUse.Writing);

    private unsafe byte* Region => _lock.DangerousAddress;

    private unsafe uint HighWater() => *(uint*)(Region + LockLayout.HighWaterOffset);

    private unsafe void WriteSlot(int slot, ulong owner, ulong id)
    {
        byte* place = Region + LockLayout.SlotsOffset + (slot * LockLayout.SlotSize);
        *(ulong*)(place + LockLayout.SlotOwnerOffset) = owner;
        *(ulong*)(place + LockLayout.SlotIdOffset) = id;
    }
}
