using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Rules of docs/design.md that are seen only by who looks at the right moment, each looked at by itself.
/// </summary>
internal sealed class RuleTier : ITier
{
    private static readonly OperationProgram Empty = new(256, []);
    private static readonly DatabaseOptions ReadOnly =
        new() { ReadOnly = true, AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan };

    // A page for the key, then the meta, then the flush.
    private static readonly FaultKind[] Failures =
        [FaultKind.NoSpace, FaultKind.InputOutput, FaultKind.ShortWriteNoSpace, FaultKind.ShortWriteInputOutput];

    /// <summary>
    /// Of two trees the big one goes, so that pages are free below the other and at the end; a commit that finds its
    /// pages free is cut off with its meta on the disk and its page lost. The next one has a much higher id, lowers the
    /// page count and condenses the log.
    /// </summary>
    private const string CondensingAfterACrash =
        "256: fill 0 0 63 8000; commit; create 1; put 1 1 5; commit; fill 0 64 63 9000; fill 0 128 63 3000; commit; "
        + "truncate 0; commit; crash 2 4; put 0 1 5; commit; put 0 2 5; commit";

    /// <summary>More deferred commits than ids may run ahead, each of them seen; then the power goes.</summary>
    private const string ManyDeferredCommits =
        "256!: put 0 1 5; commit; put 0 1 6; defer; put 0 1 7; defer; put 0 1 8; defer; put 0 1 9; defer; put 0 1 10; "
        + "defer; put 0 1 11; defer; put 0 1 12; defer; put 0 1 13; defer; put 0 1 14; defer; put 0 1 15; defer; put 0 "
        + "1 16; defer; crash 0 1; put 0 2 5; commit; put 0 2 6; commit; put 0 2 7; commit; put 0 2 8; commit; put 0 2 "
        + "9; commit; put 0 2 10; commit";

    /// <summary>
    /// A deferred commit that writes nothing, not even a page, right after an orderly close; then the process
    /// is killed.
    /// </summary>
    private const string DeferredCommitWithoutAPage =
        "256: put 0 1 5; commit; reopen; delete 0 1; defer; crash 0 0; flush; put 0 2 9; commit; put 0 3 9; commit";

    public string Name => "rules";

    public string Unit => "rules";

    public void Run(StateCount count)
    {
        Check(count, NamingRules.RequireADeletedNameToBeNoticed);
        Check(count, NamingRules.RequireTheGateToBeShutBehindANameOfItself);
        Check(count, RequireObservedToBeDurable);
        Check(count, RequireFailuresToPoison);
        Check(count, RequireTheGateToBeShutWhilePagesAreWritten);
        Check(count, RequireIdsToIncrease);
        Check(count, RequireFlushMark);
        Check(count, () => ProgramRunner.Run(OperationProgram.Parse(ManyDeferredCommits)));
        Check(count, () => ProgramRunner.Run(OperationProgram.Parse(DeferredCommitWithoutAPage)));
        Check(count, RequireOneMetaAndOneFlushToClose);
        Check(count, RequireAFailedCloseToLoseNothing);
        Check(count, RequireAPoisonedDatabaseToBeLeftAlone);
        Check(count, RequireAnotherBootToForget);
        Check(count, RequireAnotherFileToBeToldApart);
        Check(count, RequireALaterSessionToBeToldApart);
        Check(count, RequireAnOlderCopyToGetNewIds);
        Check(count, RequireARefusedFileToBeLeftAlone);
        Check(count, RequireAttributesToStayWithTheirTree);
        Check(count, SequenceRules.RequireReservedNumbersToBeGivenOnce);
        foreach (var rule in LockFileRules.All)
        {
            Check(count, rule);
        }

        Check(count, () => ProgramRunner.Run(OperationProgram.Parse(CondensingAfterACrash)));
        Check(count, RequireIndexesToFollowTheirTree);
        Check(count, RequireDifferencesToBeThoseOfTheEntries);
        Check(count, RequireEntriesToExpire);
        Check(count, BackupRules.RequireIncrementsToHaveWhatWasWritten);
        Check(count, BackupRules.RequireChainsToBeInOrder);
        Check(count, BackupRules.RequireTheDigestToBeRight);
        Check(count, RequireChangesToBeToldOnce);
        Check(count, ForkRules.RequireForksToBeClosedWithTheirBase);
        Check(count, ForkRules.RequireForksToGoTheirOwnWay);
    }

    private static void Check(StateCount count, Action rule)
    {
        if (count.Next())
        {
            rule();
        }
    }

    // Invariant 5: who reads while a commit is under way sees what was there before.
    private static void RequireObservedToBeDurable()
    {
        var disk = new GuardedDisk();
        using var database = EngineHost.Open(disk, Empty);
        var visible = 0;
        disk.BeforeCall = _ =>
        {
            using var read = database.BeginRead();
            Require(read.Main.Count == visible, $"a reader sees {read.Main.Count} entries while {visible} are durable");
        };
        for (byte i = 0; i < 40; i++)
        {
            using var transaction = database.BeginWrite();
            transaction.Main.Put([i], new byte[i * 20]);
            transaction.Commit();
            visible++;
        }

        disk.BeforeCall = null;
    }

    // Nobody begins to write on a state that may still be aborted.
    private static void RequireTheGateToBeShutWhilePagesAreWritten()
    {
        var disk = new GuardedDisk();
        using var database = EngineHost.Open(disk, Empty);
        var newest = database.Core.Newest.Id;
        disk.BeforeCall = call =>
        {
            if (call == DiskCall.Write && database.Core.Newest.Id == newest)
            {
                var isOpen = database.TryBeginWrite(TimeSpan.Zero, out var transaction);
                transaction?.Dispose();
                Require(!isOpen, "a transaction begins before the pages of the one before it are written");
            }
        };
        for (byte i = 0; i < 4; i++)
        {
            Put(database, i);
            newest = database.Core.Newest.Id;
        }

        disk.BeforeCall = null;
    }

    // Invariant 10: whatever fails at or after the meta, nothing more is accepted, and the disk is left alone.
    private static void RequireFailuresToPoison()
    {
        foreach (var target in new[] { DiskCall.Write, DiskCall.Flush })
        {
            foreach (var failure in Failures)
            {
                var disk = new GuardedDisk();
                var database = EngineHost.Open(disk, Empty);
                Put(database, 1);
                Put(database, 2);
                disk.Arm(new Fault(target == DiskCall.Write ? 1 : 2, failure, 3));
                RequirePoisoned(() => Put(database, 3), "a commit whose meta or flush failed");
                Require(disk.LastFault == target, $"the call that failed was {disk.LastFault}, not {target}");
                var changes = disk.Changes;
                RequirePoisoned(() => Put(database, 4), "a commit after a failed one");
                Require(disk.Changes == changes, "a poisoned database changed the disk");
                Abandon(disk, database);
            }
        }
    }

    // docs/format.md section 10, step 5.
    private static void RequireIdsToIncrease()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        CutOff(disk, () => Put(database, 2));
        Abandon(disk, database);
        disk.PowerCut(new CrashPlan(SectorSelection.AllBut(0)));

        var rejected = HighestId(disk.Durable);
        using var again = EngineHost.Open(disk, Empty);
        Put(again, 3);
        Require(HighestId(disk.Durable) > rejected, $"the id {rejected} of a rejected meta was used again");
    }

    // A read-only open after a failed flush and a kill must not serve from the cache.
    private static void RequireFlushMark()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        disk.Arm(new Fault(2, FaultKind.InputOutput));
        RequirePoisoned(() => Put(database, 2), "a commit whose flush failed");
        Abandon(disk, database);
        disk.Kill();
        try
        {
            Database.Open(disk, ReadOnly).Dispose();
        }
        catch (DatabaseAccessException)
        {
            return;
        }

        throw new InvariantViolationException(5, "a read-only open after a failed flush shows what may not be durable");
    }

    // Settling costs a meta and a flush when something was committed, and nothing at all when nothing was.
    private static void RequireOneMetaAndOneFlushToClose()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        Require(
            CallsOf(disk, database.Dispose) is [.., DiskCall.Write, DiskCall.Flush]
            or [.., DiskCall.Write, DiskCall.Flush, DiskCall.SetLength],
            "closing after a commit is not a meta and a flush");
        Require(
            disk.Lock.Marks >> 32 == 1 && disk.Lock.ClosedId == HighestId(disk.Durable),
            "closing does not say what it closed");
        RequireTwins(disk.Durable);

        database = EngineHost.Open(disk, Empty);
        Require(CallsOf(disk, database.Dispose).Count == 0, "closing writes though nothing has changed");

        database = EngineHost.Open(disk, Empty);
        Require(
            CallsOf(disk, () => Put(database, 2)) is [DiskCall.FlushLock, ..],
            "the first write of a session comes before the lock file is flushed");
        Require(
            !CallsOf(disk, () => Put(database, 3)).Contains(DiskCall.FlushLock),
            "the lock file is flushed more than once in a session");
        database.Dispose();
    }

    // The second meta cannot be written, or not be flushed: nobody is told, nothing is lost, and the database does not
    // count as closed in order.
    private static void RequireAFailedCloseToLoseNothing()
    {
        for (var call = 0; call < 2; call++)
        {
            foreach (var failure in Failures)
            {
                var disk = new GuardedDisk();
                var database = EngineHost.Open(disk, Empty);
                Put(database, 1);
                disk.Arm(new Fault(call, failure, 3));
                database.Dispose();
                Require(disk.FaultsTaken == 1, "closing makes no second meta");
                Require(disk.Lock.Marks >> 32 == 0, "a database that could not be settled counts as closed in order");
                using var again = EngineHost.Open(disk, Empty);
                using var read = again.BeginRead();
                Require(read.Main.Count == 1, "a commit is gone because closing failed");
            }
        }
    }

    // Invariant 10, at the end.
    private static void RequireAPoisonedDatabaseToBeLeftAlone()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        Put(database, 2);
        disk.Arm(new Fault(2, FaultKind.InputOutput));
        RequirePoisoned(() => Put(database, 3), "a commit whose flush failed");
        var changes = disk.Changes;
        database.Dispose();
        Require(disk.Changes == changes, "closing a poisoned database changes the disk");
        Require(disk.Lock.Marks >> 32 == 0, "a poisoned database counts as closed in order");
    }

    // What was durable before the machine was started again is not known: the power may have gone at any moment.
    private static void RequireAnotherBootToForget()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        Put(database, 2);
        Abandon(disk, database);
        var image = disk.Durable.ToArray();
        var meta = MetaChooser.Choose(image).Meta;
        image[(RunListImage.Read(image, meta)[0].First * 256) + 100] ^= 1;
        foreach (var (isSameBoot, isReadOnly) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            var damaged = SimulatedDisk.Found(new DiskImage(image, Lock: disk.Lock), isSameBoot, 1 << 20);
            try
            {
                using var opened = isReadOnly ? Database.Open(damaged, ReadOnly) : EngineHost.Open(damaged, Empty);
                Require(
                    !isSameBoot,
                    "a state is taken that is older than one that the same start of the machine has seen durable");
                Require(opened.Recovery?.Rejected[0].TransactionId == meta.Id, "the rejected commit is not reported");
            }
            catch (DatabaseCorruptException)
            {
                Require(isSameBoot, "a commit that looks cut off is refused, though the power may have gone");
            }
        }
    }

    // The file of another database, cut off in a commit, where one was closed in order.
    private static void RequireAnotherFileToBeToldApart()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        CutOff(disk, () => Put(database, 2));
        Abandon(disk, database);
        disk.PowerCut(new CrashPlan(SectorSelection.AllBut(0)));
        var others = new LockRecord(1UL << 32, 77, 77, 0, FileId: 5);
        using var opened = EngineHost.Open(
            SimulatedDisk.Found(new DiskImage(disk.Durable.ToArray(), Lock: others), false, 1 << 20), Empty);
        Require(
            opened.Recovery is { ClosedTransactionId: null }, "what the lock file says of another file is believed");
    }

    // Closed in order here, then written to by somebody who came by another lock file, and who was cut off in a commit:
    // that is a crash.
    private static void RequireALaterSessionToBeToldApart()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        database.Dispose();
        var closed = disk.Lock;
        database = EngineHost.Open(disk, Empty);
        Put(database, 2);
        CutOff(disk, () => Put(database, 3));
        Abandon(disk, database);
        disk.PowerCut(new CrashPlan(SectorSelection.AllBut(0)));
        using var opened = EngineHost.Open(
            SimulatedDisk.Found(new DiskImage(disk.Durable.ToArray(), Lock: closed), false, 1 << 20), Empty);
        Require(
            opened.Recovery is { ClosedTransactionId: null, Rejected: [_] },
            "what a crash of a later session cut off passes for damage since an earlier one");
        using var read = opened.BeginRead();
        Require(read.Main.Count == 2, "a durable commit of a later session is gone");
    }

    // The copy lacks transactions that were handed out, and that the lock file knows of.
    private static void RequireAnOlderCopyToGetNewIds()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        database.Dispose();
        var closed = disk.Lock with { ClosedId = disk.Lock.ClosedId + (2 * EngineHost.IdReach(Empty)) };
        using var copy = EngineHost.Open(
            SimulatedDisk.Found(new DiskImage(disk.Durable.ToArray(), Lock: closed), false, 1 << 20), Empty);
        Require(copy.Recovery is { Rejected: [] }, "an older copy is opened without a word");
        using var read = copy.BeginRead();
        Require(
            read.TransactionId > closed.ClosedId, "the id of a transaction that the copy lacks is handed out again");
    }

    // Attributes that nobody here knows stay with a tree when it changes, and when it gets another name.
    private static void RequireAttributesToStayWithTheirTree()
    {
        byte[] attributes = [200, 0, 3, 0, 7, 8, 9];
        var disk = new GuardedDisk();
        using var database = EngineHost.Open(disk, Empty);
        using (var transaction = database.BeginWrite())
        {
            var tree = transaction.CreateTree("before");
            using (transaction.Enter(out var context))
            {
                context.SetAttributes(tree.Id, attributes);
            }

            transaction.Commit();
        }

        for (byte i = 0; i < 3; i++)
        {
            using var transaction = database.BeginWrite();
            if (i == 1)
            {
                transaction.RenameTree(database.GetTree("before"), "behind");
            }

            transaction[database.GetTree(i == 0 ? "before" : "behind")].Put([i], new byte[100]);
            transaction.Commit();
            var kept = ImageChecker.Check(disk.Durable).Trees[1].Attributes;
            Require(kept.AsSpan().SequenceEqual(attributes), $"the tree has other attributes after commit {i}");
        }
    }

    // Invariant 18.
    private static void RequireIndexesToFollowTheirTree()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            IndexModelTests.Run(seed, 60);
        }
    }

    private static void RequireDifferencesToBeThoseOfTheEntries()
    {
        for (var seed = 0; seed < 8; seed++)
        {
            DifferenceModelTests.Run(seed, 15);
        }
    }

    private static void RequireChangesToBeToldOnce()
    {
        ConsumerModel.RequireOneToMoveOn();
        for (var seed = 0; seed < 4; seed++)
        {
            ConsumerModel.Follow(seed, states: 10);
            using var model = new ConsumerModel(seed);
            model.Run(lives: 4);
        }
    }

    private static void RequireEntriesToExpire()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            ExpiryModelTests.Run(seed, 100);
        }
    }

    // A space log that cannot be read, without a lock file: opening for writing is refused, and nothing is made anew
    // before.
    private static void RequireARefusedFileToBeLeftAlone()
    {
        var disk = new GuardedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        Put(database, 2);
        database.Dispose();
        var image = disk.Durable.ToArray();
        for (var slot = 0; slot < 2; slot++)
        {
            var block = image.AsSpan((1 + slot) * ImageLayout.BlockSize, ImageLayout.BlockSize);
            MetaImageMask.Toggle(block);
            block[1280..1400].Fill(0xFF);
            MetaImageMask.Toggle(block);
            ImageBuilder.SealBlock(block);
        }

        var damaged = SimulatedDisk.Found(new DiskImage(image), false, 1 << 20);
        try
        {
            EngineHost.Open(damaged, Empty).Dispose();
        }
        catch (DatabaseCorruptException)
        {
            Require(damaged.Cache.SequenceEqual(image), "a file that was refused was changed");
            return;
        }

        throw new PropertyFailedException("a space log of impossible entries is accepted");
    }

    private static void RequireTwins(ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<byte> first = MetaImageMask.Fields(MetaChooser.Slot(image, 0)),
            second = MetaImageMask.Fields(MetaChooser.Slot(image, 1));
        Require(
            first[64..208].SequenceEqual(second[64..208]) && first[1280..4088].SequenceEqual(second[1280..4088]),
            "the metas of a closed file differ");
        Require(
            MetaImage.IdOf(first) == MetaImage.IdOf(second) + 1 || MetaImage.IdOf(second) == MetaImage.IdOf(first) + 1,
            "the second meta has not the next id");
    }

    private static List<DiskCall> CallsOf(SimulatedDisk disk, Action action)
    {
        var calls = new List<DiskCall>();
        disk.BeforeCall = calls.Add;
        action();
        disk.BeforeCall = null;
        return calls;
    }

    private static void Put(Database database, byte key)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put([key], [key]);
        transaction.Commit();
    }

    private static void CutOff(SimulatedDisk disk, Action commit)
    {
        disk.BeforeCall = call =>
        {
            if (call == DiskCall.Flush)
            {
                disk.ArmCrash(0);
            }
        };
        try
        {
            commit();
        }
        catch (Exception) when (disk.IsDead)
        {
            disk.BeforeCall = null;
            return;
        }

        throw new InvariantViolationException(1, "a commit does without a flush");
    }

    private static void Abandon(SimulatedDisk disk, Database database)
    {
        disk.MarkDead();
        try
        {
            database.Dispose();
        }
        catch (Exception e) when (e is DatabaseException or IOException)
        {
            // The process is dead; only its memory is given back.
        }
    }

    private static void RequirePoisoned(Action commit, string what)
    {
        try
        {
            commit();
        }
        catch (DatabasePoisonedException)
        {
            return;
        }

        throw new InvariantViolationException(10, $"{what} is reported as durable");
    }

    private static ulong HighestId(ReadOnlySpan<byte> image) =>
        Math.Max(MetaImage.IdOf(MetaChooser.Slot(image, 0)) ?? 0, MetaImage.IdOf(MetaChooser.Slot(image, 1)) ?? 0);

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new PropertyFailedException(problem);
        }
    }
}
