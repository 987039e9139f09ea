using Engine.PropertyTests.Model;
using Engine.PropertyTests.Simulation;
using Engine.Transactions;

namespace Engine.PropertyTests.Sabotage;

/// <summary>What is promised of named snapshots and only seen by who comes at the right moment.</summary>
internal static class NamingRules
{
    private const string Name = "a";

    /// <summary>
    /// Who opens a named snapshot and is halted before it is pinned, while its name is deleted and its pages are
    /// reused, finds no such name.
    /// </summary>
    public static void RequireADeletedNameToBeNoticed()
    {
        var disk = new GuardedDisk();
        using var database = EngineHost.Open(disk, new OperationProgram(256, []));
        Put(database, 1);
        database.CreateSnapshot(Name);
        Put(database, 2);
        var pin = database.Core.Readers.TryBeginNamed(
            database.ToSnapshotName(Name), null, new Halt(() => DeleteAndGoOn(database)));
        Require(pin is null, "a named snapshot is opened whose name was deleted before it was pinned");
    }

    /// <summary>
    /// Nobody begins to write behind a transaction that has named what it becomes, until that is sealed.
    /// </summary>
    public static void RequireTheGateToBeShutBehindANameOfItself()
    {
        var disk = new GuardedDisk();
        using var database = EngineHost.Open(disk, new OperationProgram(256, []));
        Put(database, 1);
        Task<ulong>? commit = null;
        var isOpen = false;
        disk.BeforeFlush = () =>
        {
            if (commit is null)
            {
                // With a limit: were the gate shut, this very thread would wait for itself.
                Require(
                    database.TryBeginWrite(TimeSpan.Zero, out var own), "nobody can begin while a commit is flushed");
                own!.Main.Put([2], [2]);
                own.CreateSnapshot(Name);
                commit = own.CommitAsync().AsTask();
                isOpen = database.TryBeginWrite(TimeSpan.Zero, out var transaction);
                transaction?.Dispose();
            }
        };
        Put(database, 3);
        disk.BeforeFlush = null;
        Require(!isOpen, "a transaction begins on top of one that has named what it becomes");
        using var named = database.OpenSnapshot(Name);
        Require(named.Main.Count == 3, "what named itself is not what it was");
    }

    private static void DeleteAndGoOn(Database database)
    {
        database.DeleteSnapshot(Name);
        for (byte i = 0; i < 8; i++)
        {
            Put(database, i);
        }
    }

    private static void Put(Database database, byte number)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put([number], [number]);
        transaction.Commit();
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
        {
            throw new PropertyFailedException(problem);
        }
    }

    /// <summary>Halts who has found the name, once.</summary>
    private readonly struct Halt(Action meanwhile) : IBeginPause
    {
        private readonly bool[] _isOver = [false];

        public void WhenChosen()
        {
        }

        public void WhenBegun()
        {
            if (!_isOver[0])
            {
                _isOver[0] = true;
                meanwhile();
            }
        }
    }
}
