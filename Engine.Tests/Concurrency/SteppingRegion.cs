using Engine.Storage;

namespace Engine.Tests.Concurrency;

/// <summary>
/// A lock file each of whose accesses to the header, and on request each of whose locks, is a step of its own.
/// </summary>
/// <param name="inner">The lock file.</param>
/// <param name="step">Called before each step.</param>
/// <param name="locksAreSteps">Whether taking, giving back and looking at a lock is a step, too.</param>
internal sealed unsafe class SteppingRegion(LockRegion inner, Action step, bool locksAreSteps) : LockRegion
{
    public override string Name => inner.Name;

    public override byte* Address
    {
        get
        {
            step();
            return inner.Address;
        }
    }

    private LockRegion Lock
    {
        get
        {
            if (locksAreSteps)
            {
                step();
            }

            return inner;
        }
    }

    public override ProcessIdentity Self => Lock.Self;

    public override long Key => inner.Key;

    public override bool EntriesAreLocked => inner.EntriesAreLocked;

    public override Guid BootId => inner.BootId;

    public override void Flush() => inner.Flush();

    public override bool TryLockWriter() => Lock.TryLockWriter();

    public override void UnlockWriter() => Lock.UnlockWriter();

    public override bool? TryLockSweeper() => Lock.TryLockSweeper();

    public override void UnlockSweeper() => Lock.UnlockSweeper();

    public override bool TryLockEntry(int index) => Lock.TryLockEntry(index);

    public override void UnlockEntry(int index) => Lock.UnlockEntry(index);

    public override ProcessLiveness Probe(int index, ProcessEntry entry) => Lock.Probe(index, entry);

    public override bool HasEnded(ProcessIdentity identity) => inner.HasEnded(identity);

    public override void Close(bool keepMemory) => Lock.Close(keepMemory);
}
