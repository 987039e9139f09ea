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
    private bool _disposed;

    /// <summary>Joins over an initialised lock file. It owns <paramref name="region"/> from here on, also when it throws.</summary>
    /// <exception cref="ReadersFullException">All entries of the process table are taken.</exception>
    public LockFile(LockRegion region, bool isPrivate = false)
    {
        _region = region;
        IsPrivate = isPrivate;
        _processes = new ProcessTable(region);
        try
        {
            Register();
        }
        catch
        {
            region.Dispose();
            throw;
        }

        Readers = new ReaderTable(region, _processes);
    }

    /// <summary>What messages call it.</summary>
    public string Name => _region.Name;

    /// <summary>Whether nobody else can see it: an open without lock file. Its published id and its marks then mean nothing.</summary>
    public bool IsPrivate { get; }

    /// <summary>The pins of all readers.</summary>
    public ReaderTable Readers { get; }

    /// <summary>Whether the writer lock is held through this object.</summary>
    public bool HoldsWriterLock { get; private set; }

    /// <summary>Whether a process that is not known to be dead has the writer lock, this one included. Looks at the process table, never at the lock.</summary>
    public bool HasLiveWriter
    {
        get
        {
            ulong writer = Volatile.Read(ref Writer);
            return writer != 0 && _processes.ProbeOwner(writer) is ProcessLiveness.Alive or ProcessLiveness.Unknown;
        }
    }

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

    /// <summary>Set before every flush and cleared after it succeeded: while it is set, the system's cache may show what the disk lacks.</summary>
    public bool FlushMark
    {
        get => Volatile.Read(ref Flag(LockLayout.FlushMarkOffset)) != 0;
        set => Interlocked.Exchange(ref Flag(LockLayout.FlushMarkOffset), value ? 1u : 0u);
    }

    // Bounds of these and of Flag: header offsets with what lies there are below HeaderSize, and the region has Size
    // bytes.
    private ref ulong Writer => ref *(ulong*)(Live + LockLayout.WriterOffset);

    private ref ulong Published => ref *(ulong*)(Live + LockLayout.PublishedOffset);

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
    public static LockFile InMemory(LockMemory? memory = null) => new((memory ?? new LockMemory()).Attach());

    /// <summary>What stands in for the lock file of a read-only open that was told to do without: nobody else sees it.</summary>
    public static LockFile Private() => new(new LockMemory().Attach(), isPrivate: true);

    /// <summary>Takes the writer lock; false if another process or another object of this one has it.</summary>
    public bool TryLockWriter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (HoldsWriterLock)
        {
            throw new InvalidOperationException("The writer lock is held already.");
        }

        if (!TryLockRegion())
        {
            return false;
        }

        Interlocked.Exchange(ref Writer, _processes.OwnOwner);
        HoldsWriterLock = true;
        return true;
    }

    /// <summary>Gives the writer lock back.</summary>
    public void UnlockWriter()
    {
        if (HoldsWriterLock)
        {
            HoldsWriterLock = false;
            Interlocked.Exchange(ref Writer, 0);
            _region.UnlockWriter();
        }
    }

    /// <summary>What is known of the last session that wrote to a database.</summary>
    /// <param name="fileId">The database's file id, which tells whether the marks are about it: lock files outlive
    /// their databases, and are copied.</param>
    public LastSession LastSessionOf(Guid fileId)
    {
        if (IsPrivate || MarkedFile != fileId)
        {
            return default;
        }

        if (Volatile.Read(ref Flag(LockLayout.CleanMarkOffset)) != 0 && Volatile.Read(ref Closed) is var closed and not 0)
        {
            return new LastSession(closed, 0);
        }

        return new LastSession(0, Boot == _region.BootId && Boot != Guid.Empty ? PublishedId : 0);
    }

    /// <summary>
    /// To be called by the writer before the first change of the database's file: from here on, whatever happens,
    /// nobody takes it for closed in order. What the file was closed with must be forgotten durably: after a power cut
    /// the old mark would otherwise vouch for a file that had been written to.
    /// </summary>
    /// <exception cref="StorageWriteException">It is not durable; the file must not be changed. It may be tried
    /// again.</exception>
    public void BeginChanges(Guid fileId)
    {
        // Stored anew at every attempt, whatever is there: after a flush that failed, the system may take the page for
        // clean.
        ForgetHowItWasClosed();
        _region.Flush();

        // Only now: between an old mark and the id of a new file, a power cut must not find the two together.
        MarkedFile = fileId;
        Boot = _region.BootId;
        Interlocked.MemoryBarrier();
    }

    private void ForgetHowItWasClosed()
    {
        Interlocked.Exchange(ref Flag(LockLayout.CleanMarkOffset), 0u);
        Interlocked.Exchange(ref Closed, 0);
    }

    /// <summary>
    /// To be called by the writer when it has closed the database in order, after <see cref="BeginChanges"/> in the
    /// same session and a flush of all that it wrote. Not flushed: if it gets lost, less is known.
    /// </summary>
    /// <param name="durableId">The newest durable transaction.</param>
    public void EndChanges(ulong durableId)
    {
        Interlocked.Exchange(ref Closed, durableId);
        Interlocked.Exchange(ref Flag(LockLayout.CleanMarkOffset), 1u);
    }

    /// <summary>
    /// Frees what dead processes left in the reader table, without becoming the writer: the writer lock is held for the moment that it takes. False if
    /// somebody writes; whoever does has to sweep.
    /// </summary>
    /// <param name="freed">How many slots were freed.</param>
    public bool TrySweep(out int freed)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        freed = 0;
        if (HoldsWriterLock || !TryLockRegion())
        {
            return false;
        }

        try
        {
            freed = Readers.SweepDead();
            return true;
        }
        finally
        {
            _region.UnlockWriter();
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
                    index, identity.ProcessId, identity.PidNamespace == _region.Self.PidNamespace, _processes.Probe(index), owner == WriterOwner, owner == _processes.OwnOwner);
            }
        }
    }

    /// <summary>Names the process that has the database open for writing, for the message of a <see cref="DatabaseBusyException"/>.</summary>
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
        _disposed = true;
        _region.Dispose();
    }

    /// <summary>Releases what is left of our slots, leaves the process table and gives the writer lock back. The marks stay.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        UnlockWriter();
        _disposed = true;
        int leaked = Readers.Close();
        _processes.Unregister();

        // A reader that was never released may be released after this; and a thread that was just claiming a slot when this began will touch it, whenever it
        // goes on. So the memory stays until nobody can reach it. Windows does not delete a file that is mapped: there it goes now, unless it is known to be needed.
        _region.Close(keepMemory: leaked != 0 || !OperatingSystem.IsWindows());
    }

    /// <summary>The shared memory itself, for tests that damage it.</summary>
    internal byte* DangerousAddress => Live;

    /// <summary>How long <see cref="TryLockWriter"/> waits for a lock whose holder is not registered as the writer, or is dead.</summary>
    internal TimeSpan PatienceWithPassers { get; set; } = TimeSpan.FromMilliseconds(500);

    private ref uint Flag(int offset) => ref *(uint*)(Live + offset);

    private ulong WriterOwner => Volatile.Read(ref Writer);

    // Somebody who lays out a new lock file, or sweeps, holds the lock for a moment only, and is not registered as the
    // writer; and the locks of a killed writer outlive it while somebody looks at it in /proc. A little patience tells
    // them apart from one that writes.
    private bool TryLockRegion()
    {
        long start = Stopwatch.GetTimestamp();
        while (!_region.TryLockWriter())
        {
            if ((HasLiveWriter && !_processes.HasEnded(Volatile.Read(ref Writer))) || Stopwatch.GetElapsedTime(start) > PatienceWithPassers)
            {
                return false;
            }

            Thread.Sleep(1);
        }

        return true;
    }

    private void Register()
    {
        if (_processes.TryRegister())
        {
            return;
        }

        // Killed processes may have filled the table. Sweeping needs the writer lock, because only one may do it.
        if (_region.TryLockWriter())
        {
            new ReaderTable(_region, _processes).SweepDead();
            _region.UnlockWriter();
            if (_processes.TryRegister())
            {
                return;
            }
        }

        throw new ReadersFullException(
            $"{LockLayout.ProcessCount} processes have the database open according to {_region.Name}, and there is no room for more. Close some of them.");
    }
}
