using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Engine.Storage;

/// <summary>
/// The pins of all readers, of this process and of others: slots of one cache line each, in shared memory.
/// <para>
/// To begin reading: <see cref="Claim"/> a slot, <see cref="Pin"/> the published id (which ends with a full fence),
/// read the published id again, and start over from the pin if it has moved. The writer publishes, then calls
/// <see cref="CollectPins"/> (which begins with a full fence). Either the writer sees the pin, or the reader sees the
/// newer id.
/// </para>
/// <para>
/// The shared memory lives for as long as this object is referenced, also after <see cref="Close"/> (except on
/// Windows): whoever is in the middle of a call then may go on. Each call keeps the object alive to its end.
/// </para>
/// </summary>
internal sealed unsafe partial class ReaderTable
{
    // Where this thread found a slot the last time, + 1; shared by all tables, since it is a hint and no more. Threads
    // that read at the same time settle on different slots, and do not take each other's cache lines.
    [ThreadStatic]
    private static int _hint;

    // Slots that may be claimed directly although the mark is below them: looking at so few costs the writer nothing.
    private const uint FirstSlots = 32;

    private readonly string _name;
    private readonly ProcessTable _processes;
    private readonly byte* _slots;
    private readonly uint* _highWater;
    private readonly ulong _owner;
    private readonly Action? _sweep;
    private volatile bool _closed;
    private int _ownEnd;
    private int _leaked;

    /// <param name="region">The lock file, whose memory outlives this object.</param>
    /// <param name="processes">
    /// Its process table. Until we are registered there, slots can be looked at and swept only.
    /// </param>
    /// <param name="sweep">
    /// Frees what dead processes left, if that is possible now; called when all slots are taken.
    /// </param>
    public ReaderTable(LockRegion region, ProcessTable processes, Action? sweep = null)
    {
        _sweep = sweep;
        _name = region.Name;
        _processes = processes;

        // Bounds: both lie within the region's Size.
        _slots = region.Address + LockLayout.SlotsOffset;
        _highWater = (uint*)(region.Address + LockLayout.HighWaterOffset);
        _owner = processes.OwnOwner;
        _closed = _owner == 0;
    }

    // No slot at or above this was claimed since it was last lowered: the writer need not look there.
    private ref uint HighWater => ref *_highWater;

    // Bounded, whatever the file says.
    private int ScanEnd => (int)Math.Min(Volatile.Read(ref HighWater), LockLayout.SlotCount);

    /// <summary>
    /// Takes a free slot, which pins nothing yet. Allocates nothing, unless all are taken: then what dead processes
    /// left is freed first.
    /// </summary>
    /// <exception cref="ReadersFullException">
    /// All slots are taken, by readers that are not known to be dead.
    /// </exception>
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

    /// <summary>
    /// Pins a transaction id: the pages of its snapshot are not reused while the slot holds it. Ends with a full fence.
    /// </summary>
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
    /// Collects the distinct pinned ids, in no particular order, after a full fence. Only for the holder of the writer
    /// lock: the mark up to which it looks is lowered under that.
    /// </summary>
    /// <returns>
    /// How many there are. If that is more than <paramref name="ids"/> holds, it is an upper bound, and the caller
    /// comes again with a larger span; <see cref="LockLayout.SlotCount"/> always suffices.
    /// </returns>
    public int CollectPins(Span<ulong> ids)
    {
        Interlocked.MemoryBarrier();
        return Collect(ids, ScanEnd, onlyOwn: false);
    }

    /// <summary>
    /// The same of what is pinned through this object. Relies on nothing that another process changes, so a process
    /// decides by it which of its maps nobody looks into any more.
    /// </summary>
    public int CollectOwnPins(Span<ulong> ids)
    {
        Interlocked.MemoryBarrier();
        return Collect(ids, Volatile.Read(ref _ownEnd), onlyOwn: true);
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

    /// <summary>
    /// Frees the slots that were claimed through this object and never released; later releases of them do nothing.
    /// </summary>
    /// <returns>How many there were, those of earlier calls included.</returns>
    public int Close()
    {
        _closed = true;
        for (int slot = 0; slot < LockLayout.SlotCount && _owner != 0; slot++)
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
        if (TryAnywhere(out int slot))
        {
            return slot;
        }

        // Killed processes may have filled the table, and nobody may be writing who would sweep.
        _sweep?.Invoke();
        return TryAnywhere(out slot)
            ? slot
            : throw new ReadersFullException(
                $"All {LockLayout.SlotCount} reader slots of {_name} are taken. "
                + "Dispose read transactions and snapshots that are no longer needed.");
    }

    private bool TryAnywhere(out int slot)
    {
        // A thread's first claim goes to a place of its own. After that, free slots below the mark come first, from the
        // hint on, so that the mark stays at the most slots that were ever in use together.
        slot = _hint != 0 ? _hint - 1 : (Environment.CurrentManagedThreadId - 1) & ((int)FirstSlots - 1);
        int end = ScanEnd;
        return (slot < FirstSlots && TrySettle(slot))
            || TryRange(Math.Min(slot, end), end, out slot)
            || TryRange(0, LockLayout.SlotCount, out slot);
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

        if (slot >= Volatile.Read(ref _ownEnd))
        {
            RaiseOwnEnd(slot + 1);
        }

        return true;
    }

    [DoesNotReturn]
    private void ThrowClosed() => throw (_owner == 0
        ? new InvalidOperationException("Only who is registered in the process table claims slots.")
        : new ObjectDisposedException(nameof(LockFile), "The database was disposed."));

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

    private int Collect(Span<ulong> ids, int end, bool onlyOwn)
    {
        int count = 0;
        for (int slot = 0; slot < end; slot++)
        {
            ulong owner = Volatile.Read(ref Owner(slot));
            if (owner == 0 || (onlyOwn && owner != _owner))
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

    private void RaiseOwnEnd(int end)
    {
        int seen = Volatile.Read(ref _ownEnd);
        while (seen < end)
        {
            int previous = Interlocked.CompareExchange(ref _ownEnd, end, seen);
            if (previous == seen)
            {
                return;
            }

            seen = previous;
        }
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
        info =
            new ReaderInfo(slot, processId, _processes.ProbeOwner(owner), Volatile.Read(ref Id(slot)), owner == _owner);
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
    private static void ThrowSlot(int slot) =>
        throw new ArgumentOutOfRangeException(nameof(slot), slot, "There is no such reader slot.");
}
