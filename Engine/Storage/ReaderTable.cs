using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine.Storage;

/// <summary>
/// The pins of all readers, of this process and of others: slots of one cache line each, in shared memory.
/// <para>
/// To begin reading: <see cref="Claim"/> a slot, <see cref="Pin"/> the published id (which ends with a full fence), read
/// the published id again, and start over from the pin if it has moved. The writer publishes, then calls
/// <see cref="CollectPins"/> (which begins with a full fence). Either the writer sees the pin, or the reader sees the
/// newer id.
/// </para>
/// <para>
/// The shared memory lives for as long as this object is referenced, also after <see cref="Close"/> (except on Windows): whoever is in the middle of a
/// call then may go on. Each call keeps the object alive to its end.
/// </para>
/// </summary>
internal sealed unsafe class ReaderTable
{
    // Where this thread found a slot the last time, + 1; shared by all tables, since it is a hint and no more. Threads
    // that read at the same time settle on different slots, and do not take each other's cache lines.
    [ThreadStatic]
    private static int _hint;

    // Owner of a slot that is being swept: no process entry has this index, so a later sweep finds it abandoned.
    private const ulong Sweeper = 0xFFFF;

    // Slots that may be claimed directly although the mark is below them: looking at so few costs the writer nothing.
    private const uint FirstSlots = 32;

    private readonly string _name;
    private readonly ProcessTable _processes;
    private readonly byte* _slots;
    private readonly uint* _highWater;
    private readonly ulong _owner;
    private volatile bool _closed;
    private int _leaked;

    /// <param name="region">The lock file, whose memory outlives this object.</param>
    /// <param name="processes">Its process table, in which we are registered.</param>
    public ReaderTable(LockRegion region, ProcessTable processes)
    {
        _name = region.Name;
        _processes = processes;

        // Bounds: both lie within the region's Size.
        _slots = region.Address + LockLayout.SlotsOffset;
        _highWater = (uint*)(region.Address + LockLayout.HighWaterOffset);
        _owner = processes.OwnOwner;
    }

    // No slot at or above this was claimed since it was last lowered: the writer need not look there.
    private ref uint HighWater => ref *_highWater;

    // Bounded, whatever the file says.
    private int ScanEnd => (int)Math.Min(Volatile.Read(ref HighWater), LockLayout.SlotCount);

    /// <summary>Takes a free slot, which pins nothing yet. Allocates nothing.</summary>
    /// <exception cref="ReadersFullException">All slots are taken.</exception>
    public int Claim()
    {
        if (_closed)
        {
            ThrowClosed();
        }

        int slot = _hint - 1;
        if ((uint)slot >= Math.Max(Volatile.Read(ref HighWater), FirstSlots) || !TryClaim(slot))
        {
            slot = ClaimElsewhere();
        }

        GC.KeepAlive(this);
        return slot;
    }

    /// <summary>Pins a transaction id: the pages of its snapshot are not reused while the slot holds it. Ends with a full fence.</summary>
    public void Pin(int slot, ulong id)
    {
        Interlocked.Exchange(ref Id(slot), id);
        Fence.AfterInterlocked();
        GC.KeepAlive(this);
    }

    /// <summary>Gives a slot back.</summary>
    public void Release(int slot)
    {
        if (_closed)
        {
            // Close freed it.
            return;
        }

        // Only what is still ours: releasing twice must not take somebody else's pin.
        ref ulong owner = ref Owner(slot);
        if (Volatile.Read(ref owner) == _owner)
        {
            Volatile.Write(ref Id(slot), 0);
            Volatile.Write(ref owner, 0);
        }

        GC.KeepAlive(this);
    }

    /// <summary>
    /// Collects the distinct pinned ids, in no particular order, after a full fence.
    /// </summary>
    /// <returns>
    /// How many there are. If that is more than <paramref name="ids"/> holds, it is an upper bound, and the caller comes
    /// again with a larger span; <see cref="LockLayout.SlotCount"/> always suffices.
    /// </returns>
    public int CollectPins(Span<ulong> ids)
    {
        Interlocked.MemoryBarrier();
        int count = 0;
        int end = ScanEnd;
        for (int slot = 0; slot < end; slot++)
        {
            if (Volatile.Read(ref Owner(slot)) == 0)
            {
                continue;
            }

            ulong id = Volatile.Read(ref Id(slot));
            if (id == 0 || ids[..Math.Min(count, ids.Length)].Contains(id))
            {
                continue;
            }

            if (count < ids.Length)
            {
                ids[count] = id;
            }

            count++;
        }

        return count;
    }

    /// <summary>
    /// Frees the slots and process entries of processes that are dead for certain, and slots whose owner is not
    /// registered at all. Only the holder of the writer lock may call it.
    /// </summary>
    /// <returns>How many slots were freed.</returns>
    public int SweepDead()
    {
        Span<bool> dead = stackalloc bool[LockLayout.ProcessCount];
        for (int index = 0; index < LockLayout.ProcessCount; index++)
        {
            dead[index] = _processes.TryTakeOver(index);
        }

        // All slots, not only those below the mark: a process may have died before it raised the mark.
        int freed = 0;
        for (int slot = 0; slot < LockLayout.SlotCount; slot++)
        {
            // The slot is read before the process table. A living owner was registered before it claimed, and stays
            // registered until it has released: if it is not there now, the compare-and-swap below fails.
            ulong owner = Volatile.Read(ref Owner(slot));
            if (owner != 0 && owner != _owner && IsAbandoned(owner, dead) && TryFree(slot, owner))
            {
                freed++;
            }
        }

        for (int index = 0; index < LockLayout.ProcessCount; index++)
        {
            if (dead[index])
            {
                _processes.GiveBack(index);
            }
        }

        LowerHighWater();
        return freed;
    }

    /// <summary>Lists the claimed slots, for people. What it reports may have changed when it is read.</summary>
    public IEnumerable<ReaderInfo> Describe()
    {
        for (int slot = 0; slot < LockLayout.SlotCount; slot++)
        {
            if (TryDescribe(slot, out ReaderInfo info))
            {
                yield return info;
            }
        }
    }

    /// <summary>Frees the slots that were claimed through this object and never released; later releases of them do nothing.</summary>
    /// <returns>How many there were, those of earlier calls included.</returns>
    public int Close()
    {
        _closed = true;
        for (int slot = 0; slot < LockLayout.SlotCount; slot++)
        {
            if (Volatile.Read(ref Owner(slot)) == _owner)
            {
                Volatile.Write(ref Id(slot), 0);
                Volatile.Write(ref Owner(slot), 0);
                _leaked++;
            }
        }

        return _leaked;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int ClaimElsewhere()
    {
        // A thread's first claim goes to a place of its own. After that, free slots below the mark come first, from the
        // hint on, so that the mark stays at the most slots that were ever in use together.
        int hint = _hint != 0 ? _hint - 1 : (Environment.CurrentManagedThreadId - 1) & ((int)FirstSlots - 1);
        int end = ScanEnd;
        if ((hint < FirstSlots && TrySettle(hint))
            || TryRange(Math.Min(hint, end), end, out hint)
            || TryRange(0, LockLayout.SlotCount, out hint))
        {
            return hint;
        }

        throw new ReadersFullException(
            $"All {LockLayout.SlotCount} reader slots of {_name} are taken. Dispose read transactions and snapshots that are no longer needed.");
    }

    private bool TryRange(int from, int to, out int slot)
    {
        for (slot = from; slot < to; slot++)
        {
            if (TrySettle(slot))
            {
                return true;
            }
        }

        return false;
    }

    private bool TrySettle(int slot)
    {
        if (!TryClaim(slot))
        {
            return false;
        }

        _hint = slot + 1;
        return true;
    }

    private bool TryClaim(int slot)
    {
        ref ulong owner = ref Owner(slot);
        if (Volatile.Read(ref owner) != 0 || Interlocked.CompareExchange(ref owner, _owner, 0) != 0)
        {
            return false;
        }

        // Raised before anything is pinned, so that a writer who does not see the mark is seen by the reader's re-read.
        Fence.AfterInterlocked();
        if ((uint)slot >= Volatile.Read(ref HighWater))
        {
            RaiseHighWater((uint)slot + 1);
        }

        return true;
    }

    [DoesNotReturn]
    private static void ThrowClosed() => throw new ObjectDisposedException(nameof(LockFile), "The database was disposed.");

    private void RaiseHighWater(uint end)
    {
        uint seen = Volatile.Read(ref HighWater);
        while (seen < end)
        {
            uint previous = Interlocked.CompareExchange(ref HighWater, end, seen);
            if (previous == seen)
            {
                return;
            }

            seen = previous;
        }
    }

    // Only the writer lowers it, and only the writer relies on it. A claimer writes its slot, fences, reads the mark; here
    // the mark is written, fenced, the slots are read: one of the two sees the other.
    private void LowerHighWater()
    {
        int end = ScanEnd;
        int used = end;
        while (used > 0 && Volatile.Read(ref Owner(used - 1)) == 0)
        {
            used--;
        }

        if (used < end && Interlocked.CompareExchange(ref HighWater, (uint)used, (uint)end) == (uint)end)
        {
            Fence.AfterInterlocked();
            for (int slot = end - 1; slot >= used; slot--)
            {
                if (Volatile.Read(ref Owner(slot)) != 0)
                {
                    RaiseHighWater((uint)slot + 1);
                    break;
                }
            }
        }
    }

    private bool IsAbandoned(ulong owner, ReadOnlySpan<bool> dead)
    {
        int index = LockLayout.OwnerIndex(owner);
        return index < 0 || dead[index] || _processes.OwnerOf(index) != owner;
    }

    private bool TryFree(int slot, ulong owner)
    {
        // First it becomes the sweeper's: nobody else can claim it while its id is cleared.
        if (Interlocked.CompareExchange(ref Owner(slot), Sweeper, owner) != owner)
        {
            return false;
        }

        Volatile.Write(ref Id(slot), 0);
        Volatile.Write(ref Owner(slot), 0);
        return true;
    }

    private bool TryDescribe(int slot, out ReaderInfo info)
    {
        ulong owner = Volatile.Read(ref Owner(slot));
        if (owner == 0)
        {
            info = default;
            return false;
        }

        int processId = _processes.IdentityOf(owner)?.ProcessId ?? 0;
        info = new ReaderInfo(slot, processId, _processes.ProbeOwner(owner), Volatile.Read(ref Id(slot)), owner == _owner);
        return true;
    }

    private ref ulong Owner(int slot) => ref *(ulong*)(Slot(slot) + LockLayout.SlotOwnerOffset);

    private ref ulong Id(int slot) => ref *(ulong*)(Slot(slot) + LockLayout.SlotIdOffset);

    private byte* Slot(int slot)
    {
        // Bounds: SlotCount slots of SlotSize bytes follow _slots, within the region's Size.
        if ((uint)slot >= LockLayout.SlotCount)
        {
            ThrowSlot(slot);
        }

        return _slots + ((long)slot * LockLayout.SlotSize);
    }

    [DoesNotReturn]
    private static void ThrowSlot(int slot) => throw new ArgumentOutOfRangeException(nameof(slot), slot, "There is no such reader slot.");
}
