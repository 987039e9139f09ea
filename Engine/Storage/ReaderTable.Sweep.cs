namespace Engine.Storage;

/// <content>
/// Sweeping. One sweeps at a time (<see cref="LockFile.TrySweep"/>), beside any number of others that claim, pin,
/// release, register and leave, and beside the writer that collects the pins.
/// </content>
internal sealed unsafe partial class ReaderTable
{
    // Owner of a slot that is being swept: no process entry has this index, so a later sweep finds it abandoned.
    private const ulong Sweeper = 0xFFFF;

    /// <summary>
    /// Frees the slots and process entries of processes that are dead for certain, and slots whose owner is not
    /// registered at all. The caller has the right to sweep.
    /// </summary>
    /// <param name="pause">Called between the steps.</param>
    /// <param name="belowMarkOnly">
    /// Whether to look only at slots below the high-water mark. What lies above was claimed by somebody who died before
    /// the mark was raised: it pins nothing.
    /// </param>
    /// <returns>How many slots were freed.</returns>
    public int SweepDead<TPause>(TPause pause, bool belowMarkOnly)
        where TPause : struct, ISweepPause
    {
        Span<bool> dead = stackalloc bool[LockLayout.ProcessCount];
        for (int index = 0; index < LockLayout.ProcessCount; index++)
        {
            dead[index] = _processes.TryTakeOver(index);
        }

        pause.BetweenSteps();
        int freed = 0;
        int end = belowMarkOnly ? ScanEnd : LockLayout.SlotCount;
        for (int slot = 0; slot < end; slot++)
        {
            // The slot is read before the process table. A living owner was registered before it claimed, and stays
            // registered until it has released: if it is not there now, the compare-and-swap below fails.
            ulong owner = Volatile.Read(ref Owner(slot));
            if (owner != 0 && owner != _owner && IsAbandoned(owner, dead) && TryFree(slot, owner, pause))
            {
                freed++;
            }
        }

        for (int index = 0; index < LockLayout.ProcessCount; index++)
        {
            if (dead[index])
            {
                pause.BetweenSteps();
                _processes.GiveBack(index);
            }
        }

        GC.KeepAlive(this);
        return freed;
    }

    /// <summary>
    /// Lowers the high-water mark to the highest claimed slot. Only for the thread that collects the pins: for a moment
    /// the mark may be below a slot that was just claimed, and whoever collected then would miss its pin.
    /// </summary>
    public void LowerHighWater() => LowerHighWater(default(NoSweepPause));

    /// <inheritdoc cref="LowerHighWater()"/>
    public void LowerHighWater<TPause>(TPause pause)
        where TPause : struct, ISweepPause
    {
        int end = ScanEnd;
        int used = end;
        while (used > 0 && Volatile.Read(ref Owner(used - 1)) == 0)
        {
            used--;
        }

        // A claimer writes its slot, fences, reads the mark; here the mark is written, fenced, the slots are read: one
        // of the two sees the other.
        pause.BetweenSteps();
        if (used < end && Interlocked.CompareExchange(ref HighWater, (uint)used, (uint)end) == (uint)end)
        {
            Fence.AfterInterlocked();
            pause.BetweenSteps();
            for (int slot = end - 1; slot >= used; slot--)
            {
                if (Volatile.Read(ref Owner(slot)) != 0)
                {
                    RaiseHighWater((uint)slot + 1);
                    break;
                }
            }
        }

        GC.KeepAlive(this);
    }

    private bool IsAbandoned(ulong owner, ReadOnlySpan<bool> dead)
    {
        int index = LockLayout.OwnerIndex(owner);
        return index < 0 || dead[index] || _processes.OwnerOf(index) != owner;
    }

    private bool TryFree<TPause>(int slot, ulong owner, TPause pause)
        where TPause : struct, ISweepPause
    {
        // First it becomes the sweeper's: nobody else can claim it while its id is cleared.
        pause.BetweenSteps();
        if (Interlocked.CompareExchange(ref Owner(slot), Sweeper, owner) != owner)
        {
            return false;
        }

        pause.BetweenSteps();
        Volatile.Write(ref Id(slot), 0);
        pause.BetweenSteps();
        Volatile.Write(ref Owner(slot), 0);
        return true;
    }
}
