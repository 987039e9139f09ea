using System.Diagnostics;

namespace Engine.Storage;

/// <summary>
/// What the processes that have a database open tell each other: who writes, what is published, and who reads what. The
/// layout and the protocol are in docs/locking.md. One object is one participant; it is registered in the process table
/// from construction to <see cref="Dispose"/>.
/// </summary>
internal sealed unsafe partial class LockFile : IDisposable
{
    private readonly LockRegion _region;
    private readonly ProcessTable _processes;
    private volatile bool _disposed;

    /// <summary>
    /// Joins over an initialised lock file. It owns <paramref name="region"/> from here on, also when it throws.
    /// </summary>
    /// <param name="region">The lock file.</param>
    /// <param name="use">What for.</param>
    /// <exception cref="ReadersFullException">
    /// All entries of the process table are taken, by processes that are not known to be dead.
    /// </exception>
    /// <exception cref="DatabaseBusyException">They are, the one that is kept for a writer by a writer.</exception>
    public LockFile(LockRegion region, LockFileUse use)
    {
        _region = region;
        IsPrivate = use == LockFileUse.Private;
        _processes = new ProcessTable(region);
        Readers = new ReaderTable(region, _processes);
        try
        {
            if (use != LockFileUse.Watching)
            {
                Register(use == LockFileUse.Writing);
            }
        }
        catch
        {
            region.Dispose();
            throw;
        }

        Readers = new ReaderTable(region, _processes, SweepForRoom);
    }

    /// <summary>
    /// Whether it is registered in the process table; without that it can look and sweep, and claim no slots.
    /// </summary>
    public bool IsRegistered => _processes.OwnOwner != 0;

    /// <summary>
    /// Whether nobody else can see it: an open without lock file. Its published id and its marks then mean nothing.
    /// </summary>
    public bool IsPrivate { get; }

    /// <summary>The pins of all readers.</summary>
    public ReaderTable Readers { get; }

    /// <summary>Whether the writer lock is held through this object.</summary>
    public bool HoldsWriterLock { get; private set; }

    /// <summary>
    /// Whether a process that is not known to be dead has the writer lock, this one included. Looks at the process
    /// table, never at the lock.
    /// </summary>
    public bool HasLiveWriter
    {
        get
        {
            while (true)
            {
                ulong writer = Volatile.Read(ref Writer);
                if (writer == 0)
                {
                    return false;
                }

                // Whoever sweeps a dead writer forgets its name, and then locks its entry: who sees that lock sees that
                // the name is gone, and looks anew.
                ProcessLiveness liveness = _processes.ProbeOwner(writer);
                if (Volatile.Read(ref Writer) == writer)
                {
                    return liveness is ProcessLiveness.Alive or ProcessLiveness.Unknown;
                }
            }
        }
    }

    /// <summary>Counts the writers that have come, however they ended.</summary>
    public uint Session => Volatile.Read(ref Flag(LockLayout.SessionOffset));

    /// <summary>Whether another participant is registered that is not known to be dead.</summary>
    public bool HasOthers
    {
        get
        {
            for (int index = 0; index < LockLayout.ProcessCount; index++)
            {
                if (index != LockLayout.OwnerIndex(_processes.OwnOwner)
                    && _processes.Probe(index) is ProcessLiveness.Alive or ProcessLiveness.Unknown)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The newest durable id, for readers in other processes. Setting it ends with a full fence.</summary>
    public ulong PublishedId
    {
        get => Volatile.Read(ref Published);
        set
        {
            Interlocked.Exchange(ref Published, value);
            Fence.AfterInterlocked();
        }
    }

    /// <summary>
    /// Set before every flush and cleared after it succeeded: while it is set, the system's cache may show what the
    /// disk lacks.
    /// </summary>
    public bool FlushMark
    {
        get => Volatile.Read(ref Flag(LockLayout.FlushMarkOffset)) != 0;
        set => Interlocked.Exchange(ref Flag(LockLayout.FlushMarkOffset), value ? 1u : 0u);
    }

    /// <summary>
    /// Whether the last writer ended, in whatever way, without clearing the flush mark. Never true of a mark that a
    /// living writer has set, nor of one that was set and cleared by writers that came and went meanwhile: no other one
    /// has come since the first look, the last one to come is gone, and the mark stands still.
    /// </summary>
    public bool WriterEndedWhileFlushing
    {
        get
        {
            uint session = Session;
            return FlushMark && !HasLiveWriter && FlushMark && Session == session;
        }
    }

    // Bounds of these and of Flag: header offsets with what lies there are below HeaderSize, and the region has Size
    // bytes.
    private ref ulong Writer => ref *(ulong*)(Live + LockLayout.WriterOffset);

    private ref ulong Published => ref *(ulong*)(Live + LockLayout.PublishedOffset);

    private ref ulong Former => ref *(ulong*)(Live + LockLayout.FormerIdOffset);

    private ref ulong Closed => ref *(ulong*)(Live + LockLayout.ClosedIdOffset);

    // The marks are about the file with this id, and the published id about this start of the machine. Read and written
    // in pieces: whoever reads between two pieces finds an id that is none, and knows less.
    private ref Guid MarkedFile => ref *(Guid*)(Live + LockLayout.FileIdOffset);

    private ref Guid Boot => ref *(Guid*)(Live + LockLayout.BootIdOffset);

    private byte* Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _region.Address;
        }
    }

    /// <summary>A lock file in memory: a fresh one, or one more participant over a shared one.</summary>
    public static LockFile InMemory(LockMemory? memory = null, LockFileUse use = LockFileUse.Reading) =>
        new((memory ?? new LockMemory()).Attach(), use);

    /// <summary>
    /// What stands in for the lock file of a read-only open that was told to do without: nobody else sees it.
    /// </summary>
    public static LockFile Private() => new(new LockMemory().Attach(), LockFileUse.Private);

    /// <summary>Whether an id is still the newest durable one, and no writer has come since it was.</summary>
    public bool IsStill(ulong publishedId, uint session)
    {
        // Bounds: header offsets are below HeaderSize, and the region has Size bytes. Both lie in one cache line.
        byte* header = Live;
        return Volatile.Read(ref *(ulong*)(header + LockLayout.PublishedOffset)) == publishedId
            && Volatile.Read(ref *(uint*)(header + LockLayout.SessionOffset)) == session;
    }

    /// <summary>
    /// Takes the writer lock; false if another process or another object of this one has it. The published id is 0 from
    /// then on, until the writer knows what it publishes: what an earlier one published, perhaps before the machine
    /// went down, must not be taken for what this one does.
    /// </summary>
    public bool TryLockWriter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (HoldsWriterLock || !IsRegistered)
        {
            throw new InvalidOperationException(
                HoldsWriterLock ? "The writer lock is held already." : "Who only watches does not write.");
        }

        if (!TryLockRegion())
        {
            return false;
        }

        // In this order: whoever sees this writer sees no id of an earlier one, and that it is another one.
        KeepFormerId();
        PublishedId = 0;
        Volatile.Write(ref Flag(LockLayout.SessionOffset), Session + 1);
        Interlocked.Exchange(ref Writer, _processes.OwnOwner);
        HoldsWriterLock = true;
        return true;
    }

    /// <summary>Gives the writer lock back.</summary>
    public void UnlockWriter()
    {
        // Where there are no byte locks, another thread may be sweeping by the right of this lock.
        using (Uninterrupted.Enter(_sweeping))
        {
            if (HoldsWriterLock)
            {
                HoldsWriterLock = false;
                Interlocked.Exchange(ref Writer, 0);
                _region.UnlockWriter();
            }
        }
    }

    /// <summary>Lists the registered processes, for people. What it reports may have changed when it is read.</summary>
    public IEnumerable<ProcessInfo> DescribeProcesses()
    {
        for (int index = 0; index < LockLayout.ProcessCount; index++)
        {
            ulong owner = _processes.OwnerOf(index);
            if (owner != 0 && _processes.IdentityOf(owner) is { } identity)
            {
                yield return new ProcessInfo(
                    identity.ProcessId,
                    identity.PidNamespace == _region.Self.PidNamespace,
                    _processes.Probe(index),
                    owner == Volatile.Read(ref Writer),
                    owner == _processes.OwnOwner);
            }
        }
    }

    /// <summary>
    /// Names the process that has the database open for writing, for the message of a
    /// <see cref="DatabaseBusyException"/>.
    /// </summary>
    public string DescribeWriter()
    {
        if (_processes.IdentityOf(Volatile.Read(ref Writer)) is not { } writer)
        {
            return "another process";
        }

        ProcessIdentity self = _region.Self;
        return writer.Token == self.Token ? $"this process ({self.ProcessId})"
            : writer.PidNamespace == self.PidNamespace ? $"process {writer.ProcessId}"
            : $"process {writer.ProcessId} of another container (pid namespace)";
    }

    /// <summary>
    /// Plays the death of the process in tests: the writer lock falls, and everything that was registered, claimed,
    /// pinned and marked stays as it is. The object is unusable afterwards.
    /// </summary>
    public void Abandon()
    {
        using (Uninterrupted.Enter(_sweeping))
        {
            _disposed = true;
        }

        _region.Dispose();
    }

    /// <summary>
    /// Releases what is left of our slots, leaves the process table and gives the writer lock back. The marks stay.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        // A sweep that is under way ends first: what it locks and frees needs the region.
        using (Uninterrupted.Enter(_sweeping))
        {
            UnlockWriter();
            _disposed = true;
        }

        int leaked = Readers.Close();
        _processes.Unregister();

        // A reader that was never released may be released after this; and a thread that was just claiming a slot when
        // this began will touch it, whenever it goes on. So the memory stays until nobody can reach it. Windows does
        // not delete a file that is mapped: there it goes now, unless it is known to be needed.
        _region.Close(keepMemory: leaked != 0 || !OperatingSystem.IsWindows());
    }

    /// <summary>The shared memory itself, for tests that damage it.</summary>
    internal byte* DangerousAddress => Live;

    /// <summary>
    /// How long <see cref="TryLockWriter"/> waits for a lock whose holder is not registered as the writer, or is dead.
    /// </summary>
    internal TimeSpan PatienceWithPassers { get; set; } = TimeSpan.FromMilliseconds(500);

    private ref uint Flag(int offset) => ref *(uint*)(Live + offset);

    // Somebody who lays out a new lock file, or sweeps, holds the lock for a moment only, and is not registered as the
    // writer; and the locks of a killed writer outlive it while somebody looks at it in /proc. A little patience tells
    // them apart from one that writes.
    private bool TryLockRegion()
    {
        long start = Stopwatch.GetTimestamp();
        while (!_region.TryLockWriter())
        {
            if ((HasLiveWriter && !_processes.HasEnded(Volatile.Read(ref Writer)))
                || Stopwatch.GetElapsedTime(start) > PatienceWithPassers)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }

    // Somebody who is opening for writing has the entry that is kept for writers, and will either be the writer or be
    // gone.
    private void Register(bool forWriting)
    {
        if (_processes.TryRegister(forWriting))
        {
            return;
        }

        long start = Stopwatch.GetTimestamp();
        do
        {
            // Killed processes may have filled the table.
            TrySweep(out _);
            if (_processes.TryRegister(forWriting))
            {
                return;
            }

            if (forWriting && HasLiveWriter)
            {
                throw new DatabaseBusyException(
                    $"{_region.Name} says that {DescribeWriter()} has the database open for writing already. "
                    + "Close it there, or open it read-only here.");
            }

            Thread.Sleep(forWriting ? 1 : 0);
        }
        while (forWriting && Stopwatch.GetElapsedTime(start) < PatienceWithPassers);
        throw new ReadersFullException(
            $"All {LockLayout.ProcessCount} process entries of {_region.Name} are taken (one of them is kept for a "
            + "writer), by processes that have the database open. Close it in some of them.");
    }
}
