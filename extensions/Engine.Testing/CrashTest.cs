using System.Security.Cryptography;
using Engine.Testing.Running;

namespace Engine.Testing;

/// <summary>
/// Finds what a crash does to your code. You give a program that works with a database, and a check of what must hold
/// whenever its process dies. The program runs on a simulated disk; then it is killed, or the power goes, at every
/// point of what it did, and the check is called with the database that opens afterwards.
/// </summary>
/// <remarks>
/// <para>
/// The program is run once and recorded, and the crashes are made from the recording: your code never meets a process
/// that is half dead. What it keeps in memory does not survive, of course: whatever the check needs to know of the
/// world outside goes through <see cref="CrashRun.Acknowledge"/>. Only for failing calls
/// (<see cref="EveryFailure"/>, a quarter of <see cref="AtRandom(int, ulong?)"/>) it is run again, once for each, and
/// meets the exception that the engine throws then. Once a call has failed, the program may end with any exception; the
/// check says whether it was right to.
/// </para>
/// <para>
/// Program and check run on one thread, which is not that of the caller; after an <c>await</c> they come back to it. So
/// a program does the same in each run as long as it asks nothing but its database, <see cref="CrashRun.Random"/> and a
/// <see cref="TimeProvider"/> of its own: no clock, no <see cref="Guid.NewGuid"/>, no threads. Writers that wait for
/// each other, or threads, may be used all the same: each run has one order of events, and all that is found in it is
/// true; but a replay may come upon another order. Nothing is flushed by a timer: deferred commits become durable by
/// <see cref="Database.Flush"/>, by the next durable commit, or when closing.
/// </para>
/// <para>
/// An instance can be used again and again, by one thread at a time; it keeps nothing from one sweep to the next. What
/// is lost in which way is described in docs/crash-testing.md.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// new CrashTest(
///     (db, run) =&gt;
///     {
///         var orders = new Orders(db);
///         for (var id = 1; id &lt;= 5; id++)
///         {
///             orders.Place(id);
///             run.Acknowledge(id);
///         }
///     },
///     (db, crash) =&gt;
///     {
///         foreach (var id in crash.Acknowledged&lt;int&gt;())
///         {
///             Assert.That(new Orders(db).Contains(id), $"order {id} was confirmed");
///         }
///     }).EveryPoint();
/// </code>
/// </example>
public sealed class CrashTest
{
    private readonly Func<Database, CrashRun, Task> _program;
    private readonly Func<Database, Crash, Task> _check;

    /// <summary>A program and a check.</summary>
    /// <param name="program">
    /// The code under test. It gets the open database, which the test closes when it returns.
    /// </param>
    /// <param name="check">
    /// Throws if something does not hold: any exception, so the assertions of any test framework do. It gets the
    /// database as it opens after the crash and may do with it what it wants, also what your code does when it starts
    /// again.
    /// </param>
    /// <exception cref="ArgumentNullException">One of them is null.</exception>
    public CrashTest(Action<Database, CrashRun> program, Action<Database, Crash> check)
        : this(AsTask(program), AsTask(check))
    {
    }

    /// <inheritdoc cref="CrashTest(Action{Database, CrashRun}, Action{Database, Crash})"/>
    public CrashTest(Func<Database, CrashRun, Task> program, Action<Database, Crash> check)
        : this(program, AsTask(check))
    {
    }

    /// <inheritdoc cref="CrashTest(Action{Database, CrashRun}, Action{Database, Crash})"/>
    public CrashTest(Action<Database, CrashRun> program, Func<Database, Crash, Task> check)
        : this(AsTask(program), check)
    {
    }

    /// <inheritdoc cref="CrashTest(Action{Database, CrashRun}, Action{Database, Crash})"/>
    public CrashTest(Func<Database, CrashRun, Task> program, Func<Database, Crash, Task> check)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(check);
        _program = program;
        _check = check;
    }

    /// <summary>
    /// Makes what is in the database before the program begins, once for each sweep; nothing crashes meanwhile. Null:
    /// an empty database.
    /// </summary>
    public Action<Database>? Arrange { get; init; }

    /// <summary>
    /// How the database is opened. It cannot be read-only, and nothing is flushed by a timer whatever
    /// <see cref="DatabaseOptions.FlushInterval"/> says. Null: the defaults.
    /// </summary>
    public DatabaseOptions? Options { get; init; }

    /// <summary>
    /// The size of the disk in bytes, beyond which it is full. It holds the whole database, and memory of twice that
    /// size is reserved, not used. From 1 MiB to 1 GiB. Default: 64 MiB.
    /// </summary>
    public int Capacity { get; init; } = 64 << 20;

    /// <summary>
    /// How long the program, or one check, may take; then the test fails, and the thread that it is on is left alone.
    /// While a debugger is attached nothing is timed. More than zero, or <see cref="Timeout.InfiniteTimeSpan"/>.
    /// Default: one minute.
    /// </summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Kills the process, and cuts the power, at every point: before every storage call and every acknowledgement, and
    /// at the end. Of the writes since the last flush arrive none, all, each prefix, all but one, any subset of up to
    /// four, some at random; one is torn; what is lost holds what was there before, zeros, garbage or an older version.
    /// States that are equal are checked once.
    /// </summary>
    /// <returns>How much was tried.</returns>
    /// <exception cref="CrashTestException">
    /// The check failed, with or without a crash; or the program failed; or one of them took longer than
    /// <see cref="TimeLimit"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">The program has written nothing.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CrashReport EveryPoint() => Run(static sweep => sweep.EveryPoint());

    /// <summary>
    /// Lets every storage call fail once in every way that it can (a full disk, an input/output error, a write of a
    /// part, a flush that brings some, a file that cannot be opened or mapped), runs the program again for each, and
    /// then kills it and cuts the power at up to twelve points afterwards.
    /// </summary>
    /// <inheritdoc cref="EveryPoint"/>
    public CrashReport EveryFailure() => Run(static sweep => sweep.EveryFailure());

    /// <summary>
    /// Tries points at random, with losses of every kind, a quarter of them after a call that failed. For every 16
    /// points the program is run with other numbers in <see cref="CrashRun.Random"/>.
    /// </summary>
    /// <param name="points">How many; at least 1.</param>
    /// <param name="seed">The same seed tries the same points. Null: another one each time.</param>
    /// <inheritdoc cref="EveryPoint"/>
    public CrashReport AtRandom(int points, ulong? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(points);
        return Run(sweep => sweep.AtRandom(SeedOf(seed), done => done < points));
    }

    /// <summary>As <see cref="AtRandom(int, ulong?)"/>, until the time is over.</summary>
    /// <param name="duration">For how long; at least one point is tried.</param>
    /// <param name="seed">The same seed tries the same points, in the same order. Null: another one each time.</param>
    /// <inheritdoc cref="EveryPoint"/>
    public CrashReport AtRandom(TimeSpan duration, ulong? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var end = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        return Run(sweep => sweep.AtRandom(SeedOf(seed), done => done == 0 || Environment.TickCount64 < end));
    }

    /// <summary>
    /// Tries one point, as a failing test has printed it. It says whether that point fails, not whether the program is
    /// right: once the program is changed, the same number is another moment.
    /// </summary>
    /// <param name="point">Such as <c>at:31 power keep:prefix:8</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="point"/> is null.</exception>
    /// <exception cref="FormatException"><paramref name="point"/> is no point.</exception>
    /// <exception cref="InvalidOperationException">The program has no such point.</exception>
    /// <inheritdoc cref="EveryPoint"/>
    public CrashReport Replay(string point) => At(CrashPoint.Parse(point));

    /// <summary>Tries one point, such as a generator of a property test has made.</summary>
    /// <param name="point">The point.</param>
    /// <exception cref="InvalidOperationException">The program has no such point.</exception>
    /// <inheritdoc cref="EveryPoint"/>
    public CrashReport At(CrashPoint point) => Run(sweep => sweep.At(point));

    private CrashReport Run(Func<Sweep, CrashReport> run)
    {
        const int LeastCapacity = 1 << 20, MostCapacity = 1 << 30;
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, LeastCapacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Capacity, MostCapacity);
        if (TimeLimit != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(TimeLimit, TimeSpan.Zero);
        }

        var options = SimulatedOptions.Of(Options);
        options.Validate();
        return PatientThread.Run(
            TimeLimit,
            patience => run(
                new Sweep(
                    new Recorder(_program, options, Capacity, patience),
                    new Judge(_check, options, Capacity, patience),
                    Arrange)));
    }

    private static ulong SeedOf(ulong? seed) =>
        seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private static Func<Database, T, Task> AsTask<T>(Action<Database, T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return (database, context) =>
        {
            action(database, context);
            return Task.CompletedTask;
        };
    }
}
