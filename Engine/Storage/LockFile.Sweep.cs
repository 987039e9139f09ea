using System.Diagnostics;

namespace Engine.Storage;

/// <content>Who sweeps, and when.</content>
internal sealed unsafe partial class LockFile
{
    // The system's lock does not keep two threads that use the same open file apart.
    private readonly Lock _sweeping = new();

    /// <summary>
    /// Frees what dead processes left in the process table and the reader table. Anybody may, also beside a writer, if
    /// the system has locks on single bytes; otherwise the writer, or whoever can hold the writer lock for the moment
    /// that it takes.
    /// </summary>
    /// <param name="freed">How many slots were freed.</param>
    /// <returns>False if somebody else has the right to sweep, and goes on having it.</returns>
    public bool TrySweep(out int freed) =>
        TrySweep(default(NoSweepPause), PatienceWithPassers, belowMarkOnly: false, out freed);

    /// <inheritdoc cref="TrySweep(out int)"/>
    /// <param name="pause">Called between the steps.</param>
    /// <param name="patience">How long to wait for somebody else who sweeps.</param>
    /// <param name="belowMarkOnly">Whether to look only at slots below the high-water mark.</param>
    /// <param name="freed">How many slots were freed.</param>
    public bool TrySweep<TPause>(TPause pause, TimeSpan patience, bool belowMarkOnly, out int freed)
        where TPause : struct, ISweepPause
    {
        freed = 0;
        lock (_sweeping)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            SweepingRight right = TakeRight(patience);
            if (right == SweepingRight.None)
            {
                return false;
            }

            try
            {
                freed = Readers.SweepDead(pause, belowMarkOnly);
                return true;
            }
            finally
            {
                GiveBack(right);
            }
        }
    }

    /// <summary>
    /// What the writer does when it opens the database, before it looks for pins: sweeps, if nobody else does and goes
    /// on doing it, and lowers the high-water mark.
    /// </summary>
    public void SweepAtOpening()
    {
        TrySweep(out _);
        Readers.LowerHighWater();
    }

    /// <summary>
    /// What the writer does now and then, on the thread that collects the pins: the same, looking at what is in use
    /// only, and without waiting for anybody.
    /// </summary>
    public void SweepNowAndThen()
    {
        if (_sweeping.TryEnter())
        {
            try
            {
                TrySweep(default(NoSweepPause), TimeSpan.Zero, belowMarkOnly: true, out _);
            }
            finally
            {
                _sweeping.Exit();
            }
        }

        Readers.LowerHighWater();
    }

    private void SweepForRoom() => TrySweep(out _);

    private SweepingRight TakeRight(TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            switch (_region.TryLockSweeper())
            {
                case true:
                    return SweepingRight.SweeperLock;
                case null when HoldsWriterLock:
                    return SweepingRight.HeldWriterLock;
                case null:
                    return TryLockRegion() ? SweepingRight.PassingWriterLock : SweepingRight.None;
                default:
                    // A sweep takes microseconds, unless its process is halted.
                    if (Stopwatch.GetElapsedTime(start) >= patience)
                    {
                        return SweepingRight.None;
                    }

                    Thread.Sleep(1);
                    break;
            }
        }
    }

    private void GiveBack(SweepingRight right)
    {
        if (right == SweepingRight.SweeperLock)
        {
            _region.UnlockSweeper();
        }
        else if (right == SweepingRight.PassingWriterLock)
        {
            _region.UnlockWriter();
        }
    }

    private enum SweepingRight
    {
        None,
        SweeperLock,
        HeldWriterLock,
        PassingWriterLock,
    }
}
