using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;

namespace Engine.PropertyTests.Sabotage;

/// <summary>Rules of docs/design.md that are seen only by who looks at the right moment, each looked at by itself.</summary>
internal sealed class RuleTier : ITier
{
    private static readonly OperationProgram Empty = new(256, []);

    // A page for the key, then the meta, then the flush.
    private static readonly FaultKind[] Failures = [FaultKind.NoSpace, FaultKind.InputOutput, FaultKind.ShortWriteNoSpace, FaultKind.ShortWriteInputOutput];

    /// <summary>
    /// Of two trees the big one goes, so that pages are free below the other and at the end; a commit that finds its pages free is cut off with its meta on
    /// the disk and its page lost. Its id is skipped, so the next commit, which lowers the page count and condenses the log, does not
    /// follow the newest pin.
    /// </summary>
    private const string CondensingAfterASkippedId =
        "256: fill 0 0 63 8000; commit; create 1; put 1 1 5; commit; fill 0 64 63 9000; fill 0 128 63 3000; commit; truncate 0; commit; "
        + "crash 2 4; put 0 1 5; commit; put 0 2 5; commit";

    public string Name => "rules";

    public string Unit => "rules";

    public void Run(StateCount count)
    {
        Check(count, RequireObservedToBeDurable);
        Check(count, RequireFailuresToPoison);
        Check(count, RequireIdsToIncrease);
        Check(count, RequireFlushMark);
        Check(count, () => ProgramRunner.Run(OperationProgram.Parse(CondensingAfterASkippedId)));
        foreach (var rule in LockFileRules.All)
        {
            Check(count, rule);
        }
    }

    private static void Check(StateCount count, Action rule)
    {
        count.Next();
        rule();
    }

    // Invariant 5: who reads while a commit is under way sees what was there before.
    private static void RequireObservedToBeDurable()
    {
        var disk = new SimulatedDisk();
        using var database = EngineHost.Open(disk, Empty);
        var visible = 0;
        disk.BeforeCall = _ =>
        {
            using var read = database.BeginRead();
            Require(read.Main.Count == (ulong)visible, $"a reader sees {read.Main.Count} entries while {visible} are durable");
        };
        for (byte i = 0; i < 40; i++)
        {
            using var transaction = database.BeginWrite();
            transaction.Put(database.Main, [i], new byte[i * 20]);
            transaction.Commit();
            visible++;
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
                var disk = new SimulatedDisk();
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
        var disk = new SimulatedDisk();
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
        var disk = new SimulatedDisk();
        var database = EngineHost.Open(disk, Empty);
        Put(database, 1);
        disk.Arm(new Fault(2, FaultKind.InputOutput));
        RequirePoisoned(() => Put(database, 2), "a commit whose flush failed");
        Abandon(disk, database);
        disk.Kill();
        try
        {
            Database.Open(disk, new DatabaseOptions { ReadOnly = true, AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan }).Dispose();
        }
        catch (DatabaseAccessException)
        {
            return;
        }

        throw new InvariantViolationException(5, "a read-only open after a failed flush shows what may not be durable");
    }

    private static void Put(Database database, byte key)
    {
        using var transaction = database.BeginWrite();
        transaction.Put(database.Main, [key], [key]);
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
