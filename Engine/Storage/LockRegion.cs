namespace Engine.Storage;

/// <summary>
/// The shared memory of a lock file as one <see cref="LockFile"/> sees it, together with what the system alone can
/// vouch for: who holds the writer lock, and which process lives.
/// </summary>
internal abstract unsafe class LockRegion : IDisposable
{
    /// <summary>What messages call the lock file.</summary>
    public abstract string Name { get; }

    /// <summary><see cref="LockLayout.Size"/> bytes, shared with everybody who has the same lock file open.</summary>
    public abstract byte* Address { get; }

    /// <summary>Who we are.</summary>
    public abstract ProcessIdentity Self { get; }

    /// <summary>Tells this lock file from others, as a key of <see cref="FileClaims"/>.</summary>
    public abstract long Key { get; }

    /// <summary>
    /// Whether entries are protected by locks that end with their process, see <see cref="TryLockEntry"/>.
    /// </summary>
    public abstract bool EntriesAreLocked { get; }

    /// <summary>The present start of the machine; empty where the system does not say.</summary>
    public abstract Guid BootId { get; }

    /// <summary>Makes what the memory holds survive a power cut.</summary>
    /// <exception cref="StorageWriteException">It is unknown what would survive. Before this is tried again, what is to
    /// survive must be stored again.</exception>
    public abstract void Flush();

    /// <summary>Takes the writer lock if nobody holds it. It falls when the process dies.</summary>
    public abstract bool TryLockWriter();

    /// <summary>Gives the writer lock back.</summary>
    public abstract void UnlockWriter();

    /// <summary>
    /// Locks what belongs to a process entry for as long as we live; false if another process has it.
    /// </summary>
    public abstract bool TryLockEntry(int index);

    /// <summary>Gives a process entry's lock back.</summary>
    public abstract void UnlockEntry(int index);

    /// <summary>
    /// Takes the right to sweep if nobody has it; it falls when the process dies. Null where only the writer lock can
    /// stand for it.
    /// </summary>
    public abstract bool? TryLockSweeper();

    /// <summary>Gives the right to sweep back.</summary>
    public abstract void UnlockSweeper();

    /// <summary>Tells whether the process that registered an entry lives.</summary>
    /// <param name="index">The index of the entry; never our own.</param>
    /// <param name="entry">What the entry says about the process.</param>
    public abstract ProcessLiveness Probe(int index, ProcessEntry entry);

    /// <summary>
    /// Whether a process has ended for certain by its number, although its locks may not have fallen yet.
    /// </summary>
    public abstract bool HasEnded(ProcessIdentity identity);

    /// <summary>
    /// Ends everything the system holds for us, as the death of the process would, and frees the memory.
    /// </summary>
    public void Dispose()
    {
        Close(keepMemory: false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends everything the system holds for us.</summary>
    /// <param name="keepMemory">
    /// Whether the memory stays readable and writable for as long as this object is referenced.
    /// </param>
    public abstract void Close(bool keepMemory);
}
