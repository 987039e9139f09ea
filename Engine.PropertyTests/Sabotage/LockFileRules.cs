using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Storage;

namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// What docs/locking.md promises those who share a lock file: dead processes stand in nobody's way, and the living are
/// left alone.
/// </summary>
internal static class LockFileRules
{
    public static IEnumerable<Action> All =>
    [
        RequireLivingReadersToBeSpared,
        RequireDeadReadersToMakeRoom,
        RequireDeadProcessesToMakeRoom,
        RequireRoomForAWriter,
        RequireDeadWritersToBeForgotten,
        RequireLivingFlushesToBeTrusted,
        RequireWritersToBeLookedForAgain,
        RequireNothingOfEarlierWriters,
    ];

    private static void RequireLivingReadersToBeSpared()
    {
        var memory = new LockMemory();
        using var living = LockFile.InMemory(memory);
        using var sweeping = LockFile.InMemory(memory, LockFileUse.Writing);
        var slot = living.Readers.Claim();
        living.Readers.Pin(slot, 5);
        sweeping.TrySweep(out _);
        Require(
            living.Readers.Describe().Any(info => info.Slot == slot && info.TransactionId == 5),
            "a living reader lost its pin to a sweep");
        Require(sweeping.DescribeProcesses().Count() == 2, "a living process lost its entry to a sweep");
    }

    private static void RequireDeadReadersToMakeRoom()
    {
        var memory = new LockMemory();
        using var reading = LockFile.InMemory(memory);
        var dead = LockFile.InMemory(memory);
        for (var i = 0; i < LockLayout.SlotCount; i++)
        {
            dead.Readers.Claim();
        }

        dead.Abandon();
        reading.Readers.Claim();
    }

    private static void RequireDeadProcessesToMakeRoom()
    {
        var memory = new LockMemory();
        for (var i = 0; i < LockLayout.ProcessCount; i++)
        {
            LockFile.InMemory(memory).Abandon();
        }

        LockFile.InMemory(memory).Dispose();
    }

    private static void RequireRoomForAWriter()
    {
        var memory = new LockMemory();
        var files = new List<LockFile>();
        try
        {
            while (files.Count < LockLayout.ProcessCount)
            {
                files.Add(LockFile.InMemory(memory));
            }
        }
        catch (ReadersFullException)
        {
            // As many as can read.
        }

        using var writer = LockFile.InMemory(memory, LockFileUse.Writing);
        Require(writer.TryLockWriter(), "a writer does not get in when many read");
        files.ForEach(file => file.Dispose());
    }

    private static void RequireDeadWritersToBeForgotten()
    {
        var memory = new LockMemory();
        using var looking = LockFile.InMemory(memory);
        using var sweeping = LockFile.InMemory(memory);
        var dead = LockFile.InMemory(memory, LockFileUse.Writing);
        dead.TryLockWriter();
        dead.Abandon();
        sweeping.TrySweep(
            new Pause(
                () => Require(!looking.HasLiveWriter, "a dead writer is taken for a living one while it is swept")),
            sweeping.PatienceWithPassers,
            belowMarkOnly: false,
            out _);
    }

    private static void RequireLivingFlushesToBeTrusted()
    {
        var memory = new LockMemory();
        using var reading = LockFile.InMemory(memory);
        using var writer = LockFile.InMemory(memory, LockFileUse.Writing);
        writer.TryLockWriter();
        writer.FlushMark = true;
        Require(!reading.WriterEndedWhileFlushing, "a writer that is flushing is taken for one that ended");
        writer.FlushMark = false;
    }

    // A writer that comes while somebody recovers in memory, and is killed within its flush.
    private static void RequireWritersToBeLookedForAgain()
    {
        var disk = new GuardedDisk();
        var program = new OperationProgram(256, []);
        EngineHost.Open(disk, program).Dispose();
        LockFile? writer = null;
        disk.BeforeFlush = () =>
        {
            disk.BeforeFlush = null;
            writer = disk.OpenLockFile(readOnly: false);
            writer.TryLockWriter();
            writer.FlushMark = true;
            writer.Abandon();
        };
        try
        {
            Database.Open(
                disk,
                new DatabaseOptions
                {
                    ReadOnly = true,
                    AllowTestPageSizes = true,
                    FlushInterval = Timeout.InfiniteTimeSpan
                }).Dispose();
        }
        catch (DatabaseAccessException) when (writer is not null)
        {
            return;
        }

        throw new InvariantViolationException(
            5, "a read-only open did not see the writer that came and died while it recovered");
    }

    private static void RequireNothingOfEarlierWriters()
    {
        using var file = LockFile.InMemory(use: LockFileUse.Writing);
        file.PublishedId = 77;
        file.TryLockWriter();
        Require(file.PublishedId == 0, "what an earlier writer published passes for what this one does");
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new PropertyFailedException(problem);
        }
    }

    private readonly struct Pause(Action meanwhile) : ISweepPause
    {
        public void BetweenSteps() => meanwhile();
    }
}
