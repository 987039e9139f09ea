using System.Diagnostics.Metrics;
using Engine.Pages;
using Engine.Space;

namespace Engine;

/// <summary>How a database is opened or created. The defaults are right for most services.</summary>
public sealed class DatabaseOptions
{
    private bool _readOnly;
    private bool _withoutLock;

    /// <summary>
    /// Open without the right to write. Changes nothing in the database; any number of processes may do so beside one
    /// that writes. Default: false.
    /// </summary>
    public bool ReadOnly
    {
        get => _readOnly;
        init => _readOnly = value;
    }

    /// <summary>
    /// Read without a lock file, for media where none can be written. Only for a database that nobody writes meanwhile:
    /// nothing spares what this reader reads. Where the system has locks of bytes, opening is refused beside a writer,
    /// and a writer is refused as long as this is open. Only with <see cref="ReadOnly"/>. Default: false.
    /// </summary>
    public bool WithoutLock
    {
        get => _withoutLock;
        init => _withoutLock = value;
    }

    /// <summary>Create the database if there is none. Default: true; a read-only open never creates.</summary>
    public bool CreateIfMissing { get; init; } = true;

    /// <summary>
    /// Let the system read the neighbours of a page that is not in memory, which scans want. Set it to false for a
    /// database larger than memory that is looked up at random: there each lookup would read all that the device's
    /// read-ahead says, and push out of memory what others need. Windows decides by itself. Default: true.
    /// </summary>
    public bool ReadAhead { get; init; } = true;

    /// <summary>
    /// Ask the system for a page before it is looked at for the first time, so that a sector that cannot be read (or
    /// the end of a file that somebody cut) is a <see cref="DatabaseCorruptException"/> that names the page; touching
    /// it would end the process. It costs a system call, about a microsecond, at the first touch of a page, and for up
    /// to 1 MiB at a time in scans; nothing afterwards. What was read and then leaves the memory is not asked for
    /// again. Default: true.
    /// </summary>
    public bool GuardedReads { get; init; } = true;

    /// <summary>
    /// Page size in bytes, a power of two from 4,096 to 65,536; fixed when the database is created. Null: 4,096 when
    /// creating, whatever the file has when opening. If set, opening a database of another page size throws. Larger
    /// pages allow longer keys (a quarter of a page).
    /// </summary>
    public int? PageSize { get; init; }

    /// <summary>
    /// Memory that a write transaction may use for its dirty pages, in bytes. Beyond it they are written to free pages
    /// of the file before the commit, and the transaction goes on: it may be as large as the disk. (A value is in
    /// memory as a whole while it is put, however large.) At least 1 MiB. Default: 256 MiB.
    /// </summary>
    public long TransactionMemory { get; init; } = 256L * 1024 * 1024;

    /// <summary>
    /// Deferred commits are made durable at the latest after this time (and the time that the flush takes), by a thread
    /// of the database's own, whatever write transactions are open meanwhile; or by the next deferred commit, if it
    /// finds that time exceeded. In units of milliseconds, rounded up. <see cref="Timeout.InfiniteTimeSpan"/>: only on
    /// request, by <see cref="DeferredLimit"/>, or when closing; and nothing else is written in the background either.
    /// At most a day. Default: one second.
    /// </summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Deferred commits are made durable at the latest when they have written so many bytes. Default: 64 MiB.
    /// </summary>
    public long DeferredLimit { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// How long <see cref="Database.BeginWrite"/> and <see cref="Database.BeginWriteAsync"/> wait for their turn before
    /// they throw a <see cref="WriterTimeoutException"/> that names the write transaction that is open. More than zero,
    /// at most 24 days. Default: <see cref="Timeout.InfiniteTimeSpan"/>, because only the application knows how long
    /// its longest transaction may take; set it to something above that, so that a transaction that was forgotten, or a
    /// thread that waits for itself, is found. <see cref="Database.TryBeginWrite"/> has a time of its own.
    /// </summary>
    public TimeSpan WriterTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Remember the stack of each caller who begins a transaction or opens a snapshot, and the activity it is in:
    /// <see cref="Database.TransactionForgotten"/> names it if nobody ends that, the message of a
    /// <see cref="WriterTimeoutException"/> if a writer waits for it too long, and <see cref="Database.GetReaders"/>,
    /// metrics and events if it keeps pages from being reused. Costs some ten microseconds and some
    /// kilobytes for each of them. Default: false.
    /// </summary>
    public bool TrackTransactions { get; init; }

    /// <summary>
    /// What tells the database apart from others in metrics, traces and events (the tag <c>db.namespace</c>). Null: the
    /// name of its file.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Makes the meter that the database's instruments belong to, as the host of a service does; its name is
    /// <c>Engine</c>. docs/observability.md lists the instruments. They cost nothing while nobody listens. Null: a
    /// meter that the process shares.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>
    /// A commit that takes longer is told to those who listen to the event source <c>Engine</c>. More than zero, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never. Default: one second.
    /// </summary>
    public TimeSpan SlowCommit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Tells the time at which entries of expiring trees expire (<see cref="ExpiringTree"/>) and when snapshots were
    /// named, and nothing else: waits and intervals are measured by the system. It is asked on any thread, for every
    /// reader of such a tree and every operation of a writer, and by commits that have written to one. If it goes back,
    /// entries that have expired and are not cleaned yet can be read again. Default: <see cref="TimeProvider.System"/>.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Milliseconds that never go back. Tests have clocks that they set.</summary>
    internal Func<long> Clock { get; init; } = static () => Environment.TickCount64;

    /// <summary>Whether there is somebody to observe it: not for what the engine opens itself for a moment.</summary>
    internal bool IsObserved { get; init; } = true;

    /// <summary>Tests use pages down to 256 bytes, to reach splits and merges with a handful of keys.</summary>
    internal bool AllowTestPageSizes { get; init; }

    /// <summary>
    /// The newest commit is given its second meta after so much time without another one, and before twice the time is
    /// over; infinite: only when closing. Tests set it low.
    /// </summary>
    internal TimeSpan SettleAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long beginning to read waits for a writer that is just recovering the database. Tests set it low.
    /// </summary>
    internal TimeSpan RecoveryPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So far above the newest durable id the ids of deferred commits may reach, at the most: before that they are made
    /// durable. After a crash the next session begins so far above what it finds, and so gives no id again that was
    /// seen before. Ids have 63 bits: there is room for 2^43 crashes. Beside a page that was born before the crash, an
    /// entry of the space log needs two bytes more than beside a young one. Tests set it low.
    /// </summary>
    internal ulong IdReach { get; init; } = 1 << 20;

    /// <summary>
    /// So long a transaction that is open may hold up those who committed before it began; then they are committed
    /// without it. Longer than most transactions take, so that it seldom happens. Tests set it low.
    /// </summary>
    internal TimeSpan SealPatience { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// A group with so many bytes of dirty pages may be sealed before the flight ahead of it has landed: for fewer
    /// there is nothing to be gained. Zero: any group, whoever may be about to join it; negative: none. Tests set it.
    /// </summary>
    internal long BoardingBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// Whether there is a thread that commits and flushes for others. Tests that need one order of everything have
    /// none: then whoever flies does so for those who wait, too, before it returns.
    /// </summary>
    internal bool HasFlusher { get; init; } = true;

    /// <summary>Values longer than so many bytes are written when they are put. Tests set it low.</summary>
    internal int EarlyWriteThreshold { get; init; } = 256 * 1024;

    /// <summary>
    /// Values with pages of their own that a transaction holds for its commit are written before, together, when they
    /// take more bytes. Tests set it low.
    /// </summary>
    internal long EarlyValueMemory { get; init; } = 1024 * 1024;

    /// <summary>When rare things happen in the space manager. Tests let them happen often.</summary>
    internal SpaceTuning Space { get; init; } = SpaceTuning.Default;

    /// <summary>No wait is longer, but an infinite one.</summary>
    internal static TimeSpan LongestWait { get; } = TimeSpan.FromDays(24);

    /// <summary>The same, but with the right to write.</summary>
    internal DatabaseOptions ForWriting()
    {
        var options = (DatabaseOptions)MemberwiseClone();
        (options._readOnly, options._withoutLock) = (false, false);
        return options;
    }

    /// <summary>
    /// Refuses what is out of its range, or does not go together. Opening does the same: call it where options are read
    /// and their reader should hear of a mistake at once. Thread-safe.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// An option is out of its range. The message says which range that is, and
    /// <see cref="ArgumentException.ParamName"/> names the option.
    /// </exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider, nameof(TimeProvider));
        if (PageSize is { } size
            && (!PageLayout.IsPageSize(size) || (size < PageLayout.MinPageSize && !AllowTestPageSizes)))
        {
            throw new ArgumentException(
                $"The page size {size} is not a power of two from {PageLayout.MinPageSize} to "
                + $"{PageLayout.MaxPageSize}.",
                nameof(PageSize));
        }

        if (WithoutLock && !ReadOnly)
        {
            throw new ArgumentException("Only a read-only open can do without the lock file.", nameof(WithoutLock));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(
            TransactionMemory, AllowTestPageSizes ? 0 : 1024 * 1024, nameof(TransactionMemory));
        ArgumentOutOfRangeException.ThrowIfNegative(DeferredLimit, nameof(DeferredLimit));
        if (FlushInterval != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FlushInterval, TimeSpan.Zero, nameof(FlushInterval));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(FlushInterval, TimeSpan.FromDays(1), nameof(FlushInterval));
        }

        if (SlowCommit != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SlowCommit, TimeSpan.Zero, nameof(SlowCommit));
        }

        if (WriterTimeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriterTimeout, TimeSpan.Zero, nameof(WriterTimeout));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(WriterTimeout, LongestWait, nameof(WriterTimeout));
        }
    }
}
