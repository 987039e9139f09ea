using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>
/// A lock file that exists in memory only. It outlives the <see cref="LockFile"/> objects over it, so that tests can
/// let one of them die (<see cref="LockFile.Abandon"/>) and open the next over what it left behind.
/// </summary>
internal sealed unsafe class LockMemory
{
    private const int CacheLine = 64;

    private static readonly Guid FirstBoot = new(1, 0, 0, new byte[8]);

    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _attached = [];
    private readonly Dictionary<int, ulong> _entries = [];
    private readonly bool _hasByteLocks;
    private readonly byte[] _bytes;
    private ulong _lastAttachment;
    private int _usedEntries;
    private ulong _writer;
    private ulong _sweeper;

    /// <summary>Makes an initialised lock file without processes and readers.</summary>
    /// <param name="hasByteLocks">Whether it plays a system with locks on single bytes.</param>
    public LockMemory(bool hasByteLocks = true)
    {
        _hasByteLocks = hasByteLocks;

        // A pinned array, so that the collector knows what abandoned databases cost.
        _bytes = GC.AllocateArray<byte>(LockLayout.Size + CacheLine, pinned: true);

        // Bounds: rounding up to a cache line skips less than the CacheLine bytes that were asked for in addition.
        nuint start = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);
        Address = (byte*)((start + (CacheLine - 1)) & ~(nuint)(CacheLine - 1));
        LockHeader.Initialize(Address);
    }

    /// <summary><see cref="LockLayout.Size"/> bytes, valid for as long as this object is referenced.</summary>
    public byte* Address { get; }

    /// <summary>
    /// Called when a participant wants what the memory holds to survive; what it throws is the flush's
    /// failure.
    /// </summary>
    public Action? Flushing { get; set; }

    /// <summary>The start of the machine that the participants live in.</summary>
    public Guid BootId { get; set; } = FirstBoot;

    /// <summary>
    /// Forgets every participant and reader, as a restart of the machine does. Nobody may use it meanwhile; far cheaper
    /// than a new one.
    /// </summary>
    public void Reset()
    {
        lock (_gate)
        {
            ForgetLocks();
            (Flushing, BootId) = (null, FirstBoot);
            LockHeader.Clear(Address, _usedEntries);
            _usedEntries = 0;
        }
    }

    /// <summary>
    /// Becomes a copy of another one in the same start of the machine, whose participants are all dead
    /// here.
    /// </summary>
    public void CopyFrom(LockMemory other)
    {
        lock (_gate)
        {
            ForgetLocks();
            _lastAttachment = Math.Max(_lastAttachment, other._lastAttachment);
            BootId = other.BootId;
            LockHeader.Copy(other.Address, Address, Math.Max(_usedEntries, other._usedEntries));
            _usedEntries = other._usedEntries;
        }
    }

    /// <summary>Makes a view for one more lock file object, which counts as a process of its own.</summary>
    public LockRegion Attach()
    {
        lock (_gate)
        {
            _attached.Add(++_lastAttachment);

            // Each takes the first free entry, but perhaps not the one that is kept for writers.
            _usedEntries = Math.Min(Math.Max(_usedEntries, 1) + 1, LockLayout.ProcessCount);
            return new View(this, _lastAttachment);
        }
    }

    private void ForgetLocks()
    {
        _attached.Clear();
        _entries.Clear();
        _writer = 0;
        _sweeper = 0;
    }

    private sealed class View(LockMemory memory, ulong attachment) : LockRegion
    {
        public override string Name => "the lock file in memory";

        public override byte* Address => memory.Address;

        // The attachment's number takes the place of the start time: it tells several in one process apart.
        public override ProcessIdentity Self => new(Environment.ProcessId, 0, attachment);

        public override long Key => FileClaims.KeyWithoutLock;

        public override bool EntriesAreLocked => memory._hasByteLocks;

        public override Guid BootId => memory.BootId;

        public override void Flush() => memory.Flushing?.Invoke();

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

        public override bool? TryLockSweeper()
        {
            lock (memory._gate)
            {
                if (memory._hasByteLocks && memory._sweeper == 0)
                {
                    memory._sweeper = attachment;
                    return true;
                }

                return memory._hasByteLocks ? false : null;
            }
        }

        public override void UnlockSweeper()
        {
            lock (memory._gate)
            {
                if (memory._sweeper == attachment)
                {
                    memory._sweeper = 0;
                }
            }
        }

        public override bool TryLockEntry(int index)
        {
            lock (memory._gate)
            {
                return !memory._hasByteLocks
                    || memory._entries.TryAdd(index, attachment)
                    || memory._entries[index] == attachment;
            }
        }

        public override void UnlockEntry(int index)
        {
            lock (memory._gate)
            {
                if (memory._entries.TryGetValue(index, out ulong holder) && holder == attachment)
                {
                    memory._entries.Remove(index);
                }
            }
        }

        public override ProcessLiveness Probe(int index, ProcessEntry entry)
        {
            lock (memory._gate)
            {
                // As the real one does it; where that looks at number and start time, the attachment's number stands
                // for both. What is just being registered has no start yet; it is one of this process, which lives.
                bool isComing = !entry.IsReady && entry.Identity.ProcessId == Environment.ProcessId;
                bool isAlive = memory._entries.TryGetValue(index, out ulong holder)
                    ? holder != attachment
                    : !entry.KeepsLock && (memory._attached.Contains(entry.StartTicks) || isComing);
                return isAlive ? ProcessLiveness.Alive : ProcessLiveness.Dead;
            }
        }

        public override bool HasEnded(ProcessIdentity identity) => false;

        public override void Close(bool keepMemory)
        {
            UnlockWriter();
            UnlockSweeper();
            lock (memory._gate)
            {
                memory._attached.Remove(attachment);
                if (memory._entries.ContainsValue(attachment))
                {
                    var held = memory._entries.Where(entry => entry.Value == attachment).ToArray();
                    Array.ForEach(held, entry => memory._entries.Remove(entry.Key));
                }
            }
        }
    }
}
