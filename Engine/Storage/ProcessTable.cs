namespace Engine.Storage;

/// <summary>
/// The processes (strictly: the open lock file objects) that may own reader slots. One registers once, and its slots
/// then name the entry and the epoch of the registration: claiming a slot is one compare-and-swap, and what a dead
/// process leaves, at whatever step, is told apart from what its successor in the entry owns.
/// </summary>
internal sealed unsafe class ProcessTable
{
    private readonly LockRegion _region;
    private readonly byte* _entries;
    private readonly ulong* _writer;
    private int _own = -1;

    /// <param name="region">The lock file, whose memory outlives this object.</param>
    public ProcessTable(LockRegion region)
    {
        _region = region;

        // Bounds: both lie within the region's Size.
        _entries = region.Address + LockLayout.ProcessesOffset;
        _writer = (ulong*)(region.Address + LockLayout.WriterOffset);
    }

    /// <summary>
    /// The name under which we own slots; 0 before <see cref="TryRegister"/> and after <see cref="Unregister"/>.
    /// </summary>
    public ulong OwnOwner { get; private set; }

    /// <summary>Takes a free entry; false if there is none.</summary>
    /// <param name="forWriting">
    /// Whether the entry that is kept for writers may be taken, too; it is then the first choice.
    /// </param>
    public bool TryRegister(bool forWriting)
    {
        int first = forWriting ? LockLayout.WriterEntry : LockLayout.WriterEntry + 1;
        for (int index = first; index < LockLayout.ProcessCount; index++)
        {
            if (Volatile.Read(ref Token(index)) == 0 && TryEnter(index))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives our entry back. Our slots have been released before.</summary>
    public void Unregister()
    {
        if (_own >= 0)
        {
            Free(_own);
            _region.UnlockEntry(_own);
            _own = -1;
            OwnOwner = 0;
        }
    }

    /// <summary>
    /// Tells whether the process of an entry lives. Costs a system call if the entry is in use, and nothing if it is
    /// not.
    /// </summary>
    public ProcessLiveness Probe(int index)
    {
        ProcessEntry entry = Read(index);
        return entry.Token == 0 ? ProcessLiveness.None
            : index == _own ? ProcessLiveness.Alive
            : _region.Probe(index, entry);
    }

    /// <summary>
    /// Tells whether the process that owns slots under a name lives; None if nobody is registered under it.
    /// </summary>
    public ProcessLiveness ProbeOwner(ulong owner)
    {
        int index = LockLayout.OwnerIndex(owner);
        if (index < 0 || OwnerOf(index) != owner)
        {
            return ProcessLiveness.None;
        }

        // Once more, because what was probed may have been the next one in the entry.
        ProcessLiveness liveness = Probe(index);
        return OwnerOf(index) == owner ? liveness : ProcessLiveness.None;
    }

    /// <summary>
    /// Whether the process that owns slots under a name has ended for certain by its number, although its locks may not
    /// have fallen yet.
    /// </summary>
    public bool HasEnded(ulong owner)
    {
        int index = LockLayout.OwnerIndex(owner);
        return _region.EntriesAreLocked && index >= 0 && index != _own
            && OwnerOf(index) == owner && _region.HasEnded(Read(index).Identity);
    }

    /// <summary>
    /// The process that owns slots under a name, without its start time; null if nobody is registered under it.
    /// </summary>
    public ProcessIdentity? IdentityOf(ulong owner)
    {
        int index = LockLayout.OwnerIndex(owner);
        return index >= 0 && OwnerOf(index) == owner ? Read(index).Identity with { StartTicks = 0 } : null;
    }

    /// <summary>
    /// The name under which the process of an entry owns slots; 0 if it is free, or not ready to own any.
    /// </summary>
    public ulong OwnerOf(int index)
    {
        if (Volatile.Read(ref Token(index)) == 0 || (Volatile.Read(ref State(index)) & LockLayout.StateReady) == 0)
        {
            return 0;
        }

        return LockLayout.Owner(index, Volatile.Read(ref Epoch(index)));
    }

    /// <summary>
    /// Takes the entry of a process that is dead for certain, so that nobody registers in it until
    /// <see cref="GiveBack"/>. Only whoever sweeps may call it. If the sweeper dies, too, the next one finds the entry
    /// of a dead process again.
    /// </summary>
    public bool TryTakeOver(int index)
    {
        // The verdict is about one registration if the name is the same before and after it: a name is never used
        // again.
        ulong owner = OwnerOf(index);
        if (index == _own || Probe(index) != ProcessLiveness.Dead || OwnerOf(index) != owner)
        {
            return false;
        }

        // While the entry is locked here, others see somebody alive in it. Nobody shall take that for a living writer.
        if (owner != 0)
        {
            Interlocked.CompareExchange(ref *_writer, 0, owner);
        }

        if (!_region.TryLockEntry(index))
        {
            return false;
        }

        // With entry locks, holding this one means that nobody enters meanwhile. Without, the compare-and-swap sees
        // whether the entry still is the one that was judged.
        ProcessEntry entry = Read(index);
        bool taken = entry.Token != 0
            && OwnerOf(index) == owner
            && JudgeTaken(index, entry) == ProcessLiveness.Dead
            && Interlocked.CompareExchange(ref Token(index), OwnToken, entry.Token) == entry.Token;
        if (!taken)
        {
            _region.UnlockEntry(index);
        }

        return taken;
    }

    /// <summary>Frees an entry that was taken over. Its slots have been freed before.</summary>
    public void GiveBack(int index)
    {
        Free(index);
        _region.UnlockEntry(index);
    }

    private ulong OwnToken => _region.Self.Token | (_region.EntriesAreLocked ? LockLayout.TokenKeepsLock : 0);

    private ProcessEntry Read(int index)
    {
        // The token first: what it does not vouch for is not looked at.
        ulong token = Volatile.Read(ref Token(index));
        uint state = Volatile.Read(ref State(index));
        return new ProcessEntry(token, Volatile.Read(ref Start(index)), state);
    }

    private bool TryEnter(int index)
    {
        if (!_region.TryLockEntry(index))
        {
            return false;
        }

        if (Interlocked.CompareExchange(ref Token(index), OwnToken, 0) != 0)
        {
            _region.UnlockEntry(index);
            return false;
        }

        // From here the entry is ours. A death before the state is written leaves an entry that owns no slots,
        // because slots carry the epoch that is set here.
        ulong epoch = (Epoch(index) + 1) & (ulong.MaxValue >> 16);
        Volatile.Write(ref Start(index), _region.Self.StartTicks);
        Volatile.Write(ref Epoch(index), epoch);
        Volatile.Write(ref State(index), LockLayout.StateReady);
        _own = index;
        OwnOwner = LockLayout.Owner(index, epoch);
        return true;
    }

    // We hold the lock of the entry: whoever keeps it for life is dead.
    private ProcessLiveness JudgeTaken(int index, ProcessEntry entry) =>
        _region.EntriesAreLocked && entry.KeepsLock ? ProcessLiveness.Dead : _region.Probe(index, entry);

    private void Free(int index)
    {
        // The token goes last: it is what the next registration waits for. The epoch stays, so that it never repeats.
        Volatile.Write(ref State(index), 0);
        Volatile.Write(ref Start(index), 0);
        Volatile.Write(ref Token(index), 0);
    }

    private ref ulong Token(int index) => ref *(ulong*)(Entry(index) + LockLayout.ProcessTokenOffset);

    private ref ulong Start(int index) => ref *(ulong*)(Entry(index) + LockLayout.ProcessStartOffset);

    private ref uint State(int index) => ref *(uint*)(Entry(index) + LockLayout.ProcessStateOffset);

    private ref ulong Epoch(int index) => ref *(ulong*)(Entry(index) + LockLayout.ProcessEpochOffset);

    private byte* Entry(int index)
    {
        // Bounds: ProcessCount entries of ProcessSize bytes follow _entries, within the region's Size.
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
            (uint)index, (uint)LockLayout.ProcessCount, nameof(index));
        return _entries + (index * LockLayout.ProcessSize);
    }
}
