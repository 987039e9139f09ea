namespace Engine.Storage;

/// <content>What is known of the last session that wrote, which tells decay from a crash.</content>
internal sealed unsafe partial class LockFile
{
    /// <summary>What is known of the last session that wrote to a database.</summary>
    /// <param name="fileId">
    /// The database's file id, which tells whether the marks are about it: lock files outlive their databases, and are
    /// copied.
    /// </param>
    public LastSession LastSessionOf(Guid fileId)
    {
        if (IsPrivate || MarkedFile != fileId)
        {
            return default;
        }

        if (Volatile.Read(ref Flag(LockLayout.CleanMarkOffset)) != 0
            && Volatile.Read(ref Closed) is var closed and not 0)
        {
            return new LastSession(closed, 0);
        }

        return new LastSession(0, Boot == _region.BootId && Boot != Guid.Empty ? LastPublishedId : 0);
    }

    /// <summary>
    /// To be called by the writer before the first change of the database's file: from here on, whatever happens,
    /// nobody takes it for closed in order. What the file was closed with must be forgotten durably: after a power cut
    /// the old mark would otherwise vouch for a file that had been written to.
    /// </summary>
    /// <exception cref="StorageWriteException">
    /// It is not durable; the file must not be changed. It may be tried again.
    /// </exception>
    public void BeginChanges(Guid fileId)
    {
        // Stored anew at every attempt, whatever is there: after a flush that failed, the system may take the page for
        // clean.
        ForgetHowItWasClosed();
        _region.Flush();

        // Only now: between an old mark and the id of a new file, a power cut must not find the two together.
        MarkedFile = fileId;
        Boot = _region.BootId;
        Interlocked.MemoryBarrier();
    }

    /// <summary>
    /// To be called by the writer when it has closed the database in order, after <see cref="BeginChanges"/> in the
    /// same session and a flush of all that it wrote. Not flushed: if it gets lost, less is known.
    /// </summary>
    /// <param name="durableId">The newest durable transaction.</param>
    public void EndChanges(ulong durableId)
    {
        Interlocked.Exchange(ref Closed, durableId);
        Interlocked.Exchange(ref Flag(LockLayout.CleanMarkOffset), 1u);
    }

    /// <summary>The newest durable id of the last writer that came so far as to have one.</summary>
    private ulong LastPublishedId => PublishedId is not 0 and var published ? published : Volatile.Read(ref Former);

    /// <summary>
    /// A writer that is still opening publishes nothing; if it is refused, or killed, what the one before it had
    /// published is still what is known.
    /// </summary>
    private void KeepFormerId() => Interlocked.Exchange(ref Former, LastPublishedId);

    private void ForgetPublishedId()
    {
        PublishedId = 0;
        Interlocked.Exchange(ref Former, 0);
    }

    private void ForgetHowItWasClosed()
    {
        Interlocked.Exchange(ref Flag(LockLayout.CleanMarkOffset), 0u);
        Interlocked.Exchange(ref Closed, 0);
    }
}
