using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>Runs the user's program on a simulated disk and records what it does.</summary>
/// <param name="program">The program.</param>
/// <param name="options">How its database is opened.</param>
/// <param name="capacity">The size of the disk in bytes.</param>
/// <param name="patience">Who waits for it.</param>
internal sealed class Recorder(
    Func<Database, CrashRun, Task> program, DatabaseOptions options, int capacity, PatientThread patience)
{
    /// <summary>The disk before the program runs: a database that was arranged and closed in good order.</summary>
    public DiskImage Arrange(Action<Database>? arrange)
    {
        var disk = new SimulatedDisk(capacity: capacity);
        try
        {
            using (var database = Database.Open(disk, options))
            {
                if (arrange is not null)
                {
                    patience.Do(
                        "Arranging",
                        null,
                        () =>
                        {
                            arrange(database);
                            return Task.CompletedTask;
                        });
                }
            }

            return new DiskImage(disk.Durable.ToArray(), Lock: disk.Lock);
        }
        catch (Exception e) when (e is not CrashTestException)
        {
            throw new CrashTestException(
                $"Arranging the database failed, without any crash: {e.Message}", innerException: e);
        }
        finally
        {
            disk.Discard();
        }
    }

    /// <summary>Runs the program once.</summary>
    /// <param name="start">What is on the disk.</param>
    /// <param name="seed">What the program's random numbers begin with.</param>
    /// <param name="fault">The call that fails, counted from the beginning of the program.</param>
    /// <param name="watch">
    /// Is called before every storage call, with the number of the call and the length of the trace.
    /// </param>
    /// <exception cref="CrashTestException">The program fails although no call has failed.</exception>
    public Recording Record(DiskImage start, ulong seed, Fault? fault, Action<int, int>? watch = null)
    {
        var trace = new DiskTrace();
        var disk = new SimulatedDisk(start, capacity) { Trace = trace };
        var calls = new List<DiskCall>();
        try
        {
            var run = new CrashRun(disk, options, seed);
            var begin = trace.Count;
            disk.BeforeCall = call =>
            {
                watch?.Invoke(calls.Count, trace.Count);
                calls.Add(call);
            };
            disk.Arm(fault);
            Carry(disk, () => patience.Do("The program", PointOf(seed, fault), () => program(run.Database, run)));
            var end = trace.Count;
            Carry(disk, () => run.Database.Dispose());
            return new Recording(start, seed, fault, trace, begin, end, calls);
        }
        finally
        {
            disk.Discard();
        }
    }

    // Once a call has failed, whatever comes out of the program is its way of saying so: the disk says whether it was
    // right.
    private static void Carry(SimulatedDisk disk, Action action)
    {
        try
        {
            action();
        }
        catch (Exception) when (disk.FaultsTaken > 0)
        {
        }
        catch (Exception e) when (e is not CrashTestException)
        {
            throw new CrashTestException(
                $"The program failed by itself, without any crash: {e.Message}", innerException: e);
        }
    }

    private static CrashPoint? PointOf(ulong seed, Fault? fault) =>
        fault is null ? null : new CrashPoint { Program = seed, Fault = fault, Kind = CrashKind.None };
}
