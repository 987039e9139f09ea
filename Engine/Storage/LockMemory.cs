using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>
/// A lock file that exists in memory only. It outlives the <see cref="LockFile"/> objects over it, so that tests can
/// let one of them die (<see cref="LockFile.Abandon"/>) and open the next over what it left behind.
/// </summary>
internal sealed unsafe class LockMemory
{
    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _attached = [];
    private ulong _lastAttachment;
    private ulong _writer;

    /// <summary>Makes an initialised lock file without processes and readers.</summary>
    public LockMemory()
    {
        // Aligned to cache lines, as a mapping would be; freed by the finalizer, since nobody owns it alone.
        Address = (byte*)NativeMemory.AlignedAlloc(LockLayout.Size, 64);
        LockHeader.Initialize(Address);
    }

    ~LockMemory() => NativeMemory.AlignedFree(Address);

    /// <summary><see cref="LockLayout.Size"/> bytes, valid for as long as this object is referenced.</summary>
    public byte* Address { get; }

    /// <summary>Makes a view for one more lock file object, which counts as a process of its own.</summary>
    public LockRegion Attach()
    {
        lock (_gate)
        {
            _attached.Add(++_lastAttachment);
            return new View(this, _lastAttachment);
        }
    }

    private sealed class View(LockMemory memory, ulong attachment) : LockRegion
    {
        public override string Name => "the lock file in memory";

        public override byte* Address => memory.Address;

        // The attachment's number takes the place of the start time: it tells several in one process apart.
        public override ProcessIdentity Self => new(Environment.ProcessId, 0, attachment);

        public override bool EntriesAreLocked => false;

        public override bool TryLockWriter()
        {
            lock (memory._gate)
            {
                if (memory._writer != 0)
                {
                    return false;
                }

                memory._writer = attachment;
                return true;
            }
        }

        public override void UnlockWriter()
        {
            lock (memory._gate)
            {
                if (memory._writer == attachment)
                {
                    memory._writer = 0;
                }
            }
        }

        public override bool TryLockEntry(int index) => true;

        public override void UnlockEntry(int index)
        {
        }

        public override ProcessLiveness Probe(int index, ProcessIdentity identity, uint state)
        {
            lock (memory._gate)
            {
                return memory._attached.Contains(identity.StartTicks) ? ProcessLiveness.Alive : ProcessLiveness.Dead;
            }
        }

        public override void Close(bool keepMemory)
        {
            UnlockWriter();
            lock (memory._gate)
            {
                memory._attached.Remove(attachment);
            }
        }
    }
}
