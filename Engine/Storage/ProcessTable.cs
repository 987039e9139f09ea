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
    private int _own = -1;

    /// <param name="region">The lock file, whose memory outlives this object.</param>
    public ProcessTable(LockRegion region)
    {
        _region = region;
        _entries = region.Address + LockLayout.ProcessesOffset;
    }

    /// <summary>The name under which we own slots; 0 before <see cref="TryRegister"/> and after <see cref="Unregister"/>.</summary>
    public ulong OwnOwner { get; private set; }

    /// <summary>Takes a free entry; false if there is none.</summary>
    public bool TryRegister()
    {
        ProcessIdentity self = _region.Self;
        for (int index = 0; index < LockLayout.ProcessCount; index++)
        {
            if (Volatile.Read(ref Token(index)) != 0 || !_region.TryLockEntry(index))
            {
                continue;
            }

            if (Interlocked.CompareExchange(ref Token(index), self.Token, 0) != 0)
            {
                _region.UnlockEntry(index);
                continue;
            }

            // From here the entry is ours. A death before the state is written leaves an entry that owns no slots,
            // because slots carry the epoch that is set here.
            ulong epoch = (Epoch(index) + 1) & (ulong.MaxValue >> 16);
            Volatile.Write(ref Start(index), self.StartTicks);
            Volatile.Write(ref Epoch(index), epoch);
            Volatile.Write(ref State(index), LockLayout.StateReady | (_region.EntriesAreLocked ? LockLayout.StateKeepsLock : 0));
            _own = index;
            OwnOwner = LockLayout.Owner(index, epoch);
            return true;
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

    /// <summary>Tells whether the process of an entry lives.</summary>
    public ProcessLiveness Probe(int index)
    {
        ulong token = Volatile.Read(ref Token(index));
        if (token == 0)
        {
            return ProcessLiveness.None;
        }

        uint state = Volatile.Read(ref State(index));
        var identity = ProcessIdentity.FromToken(token, Volatile.Read(ref Start(index)));
        return index == _own ? ProcessLiveness.Alive : _region.Probe(index, identity, state);
    }

    /// <summary>Tells whether the process that owns slots under a name lives; None if nobody is registered under it.</summary>
    public ProcessLiveness ProbeOwner(ulong owner)
    {
        int index = LockLayout.OwnerIndex(owner);
        return index >= 0 && OwnerOf(index) == owner ? Probe(index) : ProcessLiveness.None;
    }

    /// <summary>Whether the process that owns slots under a name has ended for certain by its number, although its locks may not have fallen yet.</summary>
    public bool HasEnded(ulong owner)
    {
        int index = LockLayout.OwnerIndex(owner);
        return _region.EntriesAreLocked && index >= 0 && index != _own && OwnerOf(index) == owner
            && ProcessProbe.Probe(ProcessIdentity.FromToken(Volatile.Read(ref Token(index)), Volatile.Read(ref Start(index))), startIsKnown: true)
                == ProcessLiveness.Dead;
    }

    /// <summary>The process that owns slots under a name, without its start time; null if nobody is registered under it.</summary>
    public ProcessIdentity? IdentityOf(ulong owner)
    {
        int index = LockLayout.OwnerIndex(owner);
        return index >= 0 && OwnerOf(index) == owner ? ProcessIdentity.FromToken(Volatile.Read(ref Token(index)), 0) : null;
    }

    /// <summary>The name under which the process of an entry owns slots; 0 if it is free, or not ready to own any.</summary>
    public ulong OwnerOf(int index)
    {
        if (Volatile.Read(ref Token(index)) == 0 || (Volatile.Read(ref State(index)) & LockLayout.StateReady) == 0)
        {
            return 0;
        }

        return LockLayout.Owner(index, Volatile.Read(ref Epoch(index)));
    }

    /// <summary>
    /// Takes the entry of a process that is dead for certain, so that nobody registers in it until <see cref="GiveBack"/>.
    /// The caller holds the writer lock. If it dies too, the next writer finds the entry of a dead process again.
    /// </summary>
    public bool TryTakeOver(int index)
    {
        if (index == _own || Volatile.Read(ref Token(index)) == 0 || !_region.TryLockEntry(index))
        {
            return false;
        }

        // With entry locks, holding this one means that nobody enters meanwhile. Without, the compare-and-swap sees
        // whether the entry still is the one that was judged.
        ulong token = Volatile.Read(ref Token(index));
        bool taken = token != 0
            && JudgeTaken(index, token) == ProcessLiveness.Dead
            && Interlocked.CompareExchange(ref Token(index), _region.Self.Token, token) == token;
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

    private ProcessLiveness JudgeTaken(int index, ulong token)
    {
        uint state = Volatile.Read(ref State(index));
        if (_region.EntriesAreLocked && (state & LockLayout.StateKeepsLock) != 0)
        {
            // We hold the lock that this process keeps while it lives.
            return ProcessLiveness.Dead;
        }

        return _region.Probe(index, ProcessIdentity.FromToken(token, Volatile.Read(ref Start(index))), state);
    }

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
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)LockLayout.ProcessCount, nameof(index));
        return _entries + (index * LockLayout.ProcessSize);
    }
}
