using Engine.Testing.Simulation;

namespace Engine.Testing;

/// <summary>
/// One run of the program under test, which the program gets beside its database. It may be used from any thread;
/// <see cref="Reopen"/> and <see cref="Database"/> by one at a time.
/// </summary>
public sealed class CrashRun
{
    private readonly SimulatedDisk _disk;
    private readonly DatabaseOptions _options;

    internal CrashRun(SimulatedDisk disk, DatabaseOptions options, ulong seed)
    {
        _disk = disk;
        _options = options;
        Random = new Random(unchecked((int)seed));
        Database = Engine.Database.Open(disk, options);
    }

    /// <summary>The database that is open now.</summary>
    public Database Database { get; private set; }

    /// <summary>
    /// Random numbers that are the same whenever this run is repeated. <see cref="CrashTest.AtRandom(int, ulong?)"/>
    /// begins many runs, each with other numbers; the other sweeps have one run with the same numbers always. A program
    /// that takes its decisions from here is another one in each run, and can be replayed.
    /// </summary>
    public Random Random { get; }

    /// <summary>
    /// Notes that the world outside has been told something: an order is confirmed, a mail is sent. No crash takes that
    /// back, so the check finds it in <see cref="Crash.Acknowledged{T}"/> if it happened before the crash. Call it
    /// where the answer is given, after the commit that it relies on has returned. What was begun and may or may not
    /// have happened can be noted in the same way, as a value of another type.
    /// </summary>
    /// <param name="fact">What was told. It must not change afterwards: a number, a string, a record.</param>
    /// <exception cref="ArgumentNullException"><paramref name="fact"/> is null.</exception>
    /// <example>
    /// <code>
    /// orders.Place(17);
    /// run.Acknowledge(17);
    /// </code>
    /// </example>
    public void Acknowledge(object fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        _disk.AddNote(fact);
    }

    /// <summary>
    /// Closes the database and opens it again, as a service does that is restarted in good order, or that goes on after
    /// a <see cref="DatabasePoisonedException"/>. Every call on the way is a point at which it may die.
    /// </summary>
    /// <returns>The database; the one before is closed.</returns>
    /// <exception cref="DatabasePoisonedException">
    /// A call failed while it was closed, so that deferred commits may be lost. It is closed; calling this again opens
    /// it. What had failed before is not reported again.
    /// </exception>
    /// <exception cref="DatabaseException">Opening failed: in a sweep of failing calls.</exception>
    public Database Reopen()
    {
        var hasFailed = _disk.FaultsTaken > 0;
        try
        {
            Database.Dispose();
        }
        catch (DatabasePoisonedException) when (hasFailed)
        {
        }

        return Database = Engine.Database.Open(_disk, _options);
    }
}
