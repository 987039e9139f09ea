using System.Runtime.CompilerServices;
using Engine.Storage;

namespace Engine.Tests.Storage;

/// <content>Full tables, what dead processes leave in them, and who sweeps it.</content>
public partial class LockFileTests
{
    [Test]
    public void Join_WhenTheProcessTableIsFull_SaysSo()
    {
        LockFile[] all = Enumerable.Range(0, LockLayout.ProcessCount).Select(_ => Join()).ToArray();

        Assert.That(Join, Throws.TypeOf<ReadersFullException>().With.Message.Contains("1022"));

        all[17].Dispose();
        Join().Dispose();
        Array.ForEach(all, file => file.Dispose());
    }

    [Test]
    public void Join_ForWriting_WhenReadersFillTheTable_GetsIn_AndAnotherOneIsToldWhoWrites()
    {
        IEnumerable<int> numbers = Enumerable.Range(0, LockLayout.ProcessCount - 1);
        LockFile[] readers = [.. numbers.Select(_ => Join(LockFileUse.Reading))];
        Assert.That(() => Join(LockFileUse.Reading), Throws.TypeOf<ReadersFullException>());

        using (LockFile writer = Join())
        {
            Assert.That(writer.TryLockWriter(), Is.True);
            Assert.That(
                Join,
                Throws.TypeOf<DatabaseBusyException>()
                    .With.Message.Contains($"this process ({Environment.ProcessId})"));
            Assert.That(
                () => Join(LockFileUse.Reading),
                Throws.TypeOf<ReadersFullException>(),
                "the writer's entry is no reader's");
        }

        Array.ForEach(readers, file => file.Dispose());
    }

    [Test]
    public void Join_WhenDeadProcessesFillTheTable_SweepsThem([Values] bool writes)
    {
        FillWithTheDead();

        using LockFile file = Join(writes ? LockFileUse.Writing : LockFileUse.Reading);

        Assert.That(file.HasOthers, Is.False);
        Assert.That(file.Readers.CollectPins([]), Is.Zero);
        Assert.That(file.TryLockWriter(), Is.True);
    }

    [Test]
    public void Join_BesideAWriter_WhenDeadProcessesFillTheTable_SweepsThem()
    {
        NeedByteLocks();
        using LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        FillWithTheDead();

        using LockFile file = Join(LockFileUse.Reading);

        Assert.That(writer.HasOthers, Is.True);
        Assert.That(file.DescribeProcesses().Count(), Is.EqualTo(2));
        Assert.That(file.Readers.CollectPins([]), Is.Zero);
    }

    [Test]
    public void Claim_WhenADeadProcessHoldsAllSlots_SweepsThem([Values] bool besideAWriter)
    {
        using LockFile writer = Join();
        if (besideAWriter)
        {
            NeedByteLocks();
            Assert.That(writer.TryLockWriter(), Is.True);
        }

        using LockFile file = Join(LockFileUse.Reading);
        LockFile dead = Join(LockFileUse.Reading);
        for (int i = 0; i < LockLayout.SlotCount; i++)
        {
            dead.Readers.Pin(dead.Readers.Claim(), 5);
        }

        Assert.That(() => file.Readers.Claim(), Throws.TypeOf<ReadersFullException>(), "it lives");
        dead.Abandon();

        file.Readers.Pin(file.Readers.Claim(), 6);

        Assert.That(file.Readers.Describe().Select(info => info.TransactionId), Is.EqualTo(new[] { 6UL }));
    }

    [Test]
    public void Claim_ByAnIdleWriter_WhenADeadProcessHoldsAllSlots_SweepsThem()
    {
        using LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        LockFile dead = Join(LockFileUse.Reading);
        for (int i = 0; i < LockLayout.SlotCount; i++)
        {
            dead.Readers.Pin(dead.Readers.Claim(), 5);
        }

        dead.Abandon();

        Assert.That(() => writer.Readers.Claim(), Throws.Nothing);
        Assert.That(writer.HoldsWriterLock, Is.True);
    }

    [Test]
    public void Watch_WhenLivingProcessesFillTheTable_LooksAndSweeps_AndTakesNothing()
    {
        LockFile[] all = Enumerable.Range(0, LockLayout.ProcessCount).Select(_ => Join()).ToArray();
        all[9].Readers.Pin(all[9].Readers.Claim(), 5);
        all[9].Abandon();
        using LockFile watching = Watch();

        Assert.That(watching.DescribeProcesses().Count(), Is.EqualTo(LockLayout.ProcessCount));
        Assert.That(watching.TrySweep(out int freed), Is.True);
        Assert.That(freed, Is.EqualTo(1));
        Assert.That(watching.DescribeProcesses().Count(), Is.EqualTo(LockLayout.ProcessCount - 1));
        Assert.That(watching.DescribeProcesses().Select(process => process.IsOwn), Is.All.False);
        Assert.That(watching.IsRegistered, Is.False);
        Assert.That(() => watching.Readers.Claim(), Throws.InvalidOperationException);
        Assert.That(() => watching.TryLockWriter(), Throws.InvalidOperationException);
        Array.ForEach(all, file => file.Dispose());
        Assert.That(watching.HasOthers, Is.False);
    }

    [Test]
    public void Watch_Disposed_LeavesFreeSlotsAndTheSlotsOfOthersAlone()
    {
        using LockFile reader = Join();
        int slot = reader.Readers.Claim();
        reader.Readers.Pin(slot, 5);

        Watch().Dispose();

        Assert.That(
            reader.Readers.Describe().Select(info => (info.Slot, info.TransactionId)),
            Is.EqualTo(new[] { (slot, 5UL) }));
    }

    [Test]
    public unsafe void TrySweep_OfAKilledWriter_ForgetsItsName()
    {
        LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        writer.Abandon();
        using LockFile file = Join();
        ulong* name = (ulong*)(file.DangerousAddress + LockLayout.WriterOffset);
        Assert.That(*name, Is.Not.Zero);

        Assert.That(file.TrySweep(out _), Is.True);

        Assert.That(*name, Is.Zero);
    }

    [Test]
    public void TrySweep_FreesTheDeadOnly_AndLeavesNoWriterBehind()
    {
        using LockFile living = Join();
        living.Readers.Pin(living.Readers.Claim(), 6);
        LockFile dead = Join();
        dead.Readers.Pin(dead.Readers.Claim(), 5);
        dead.Abandon();
        using LockFile file = Join();

        Assert.That(file.TrySweep(out int freed), Is.True);
        Assert.That(freed, Is.EqualTo(1));
        Assert.That(file.HasLiveWriter, Is.False);
        Assert.That(file.HoldsWriterLock, Is.False);
        var ids = new ulong[1];
        Assert.That(file.Readers.CollectPins(ids), Is.EqualTo(1));
        Assert.That(ids[0], Is.EqualTo(6));
        Assert.That(living.TryLockWriter(), Is.True, "the lock is free again");
    }

    [Test]
    public void TrySweep_BesideAWriter_IsForAnybody_WhereThereAreByteLocks()
    {
        using LockFile writer = Join();
        Assert.That(writer.TryLockWriter(), Is.True);
        LockFile dead = Join();
        dead.Readers.Pin(dead.Readers.Claim(), 5);
        dead.Abandon();
        using LockFile file = Join();
        bool canSweep = kind != LockFileKind.InMemoryWithoutByteLocks;

        Assert.That(file.TrySweep(out int freed), Is.EqualTo(canSweep));
        Assert.That(freed, Is.EqualTo(canSweep ? 1 : 0));
        Assert.That(file.Readers.CollectPins(new ulong[1]), Is.EqualTo(canSweep ? 0 : 1));
        Assert.That(writer.HoldsWriterLock, Is.True);
        Assert.That(writer.TrySweep(out freed), Is.True);
        Assert.That(freed, Is.EqualTo(canSweep ? 0 : 1));
        Assert.That(file.HasLiveWriter, Is.True);
        Assert.That(file.TryLockWriter(), Is.False);
    }

    [Test]
    public void TrySweep_WhileSomebodyElseSweeps_WaitsForItAMoment()
    {
        NeedByteLocks();
        using LockFile first = Join();
        using LockFile second = Join();
        second.PatienceWithPassers = TimeSpan.Zero;
        var during = new During(() => Assert.That(second.TrySweep(out _), Is.False));

        Assert.That(first.TrySweep(during, out _), Is.True);

        Assert.That(during.Count, Is.Not.Zero);
        Assert.That(second.TrySweep(out _), Is.True);
    }

    [Test]
    public unsafe void SweepDead_OfWhoDiedWhileRegisteringInAnotherContainer_FreesTheEntry()
    {
        NeedByteLocks();
        using LockFile file = Join();
        byte* entry = file.DangerousAddress + LockLayout.ProcessesOffset + (5 * LockLayout.ProcessSize);
        ulong* token = (ulong*)(entry + LockLayout.ProcessTokenOffset);
        *token = new ProcessIdentity(Environment.ProcessId, 4711, 0).Token | LockLayout.TokenKeepsLock;

        Assert.That(file.TrySweep(out _), Is.True);

        Assert.That(*token, Is.Zero);
    }

    private void FillWithTheDead()
    {
        // The one that is kept for writers, too, if it is free.
        using LockFile watching = Watch();
        LockFile[] first = watching.HasLiveWriter ? [] : [Join()];
        IEnumerable<int> numbers = Enumerable.Range(0, LockLayout.ProcessCount - 1);
        LockFile[] all = [.. first, .. numbers.Select(_ => Join(LockFileUse.Reading))];
        foreach (LockFile dying in all)
        {
            dying.Readers.Pin(dying.Readers.Claim(), 5);
            dying.Abandon();
        }
    }

    private void NeedByteLocks()
    {
        if (kind == LockFileKind.InMemoryWithoutByteLocks)
        {
            Assert.Ignore("needs locks on single bytes");
        }
    }

    private readonly struct During(Action meanwhile) : ISweepPause
    {
        private readonly StrongBox<int> _count = new();

        public int Count => _count.Value;

        public void BetweenSteps()
        {
            _count.Value++;
            meanwhile();
        }
    }
}
