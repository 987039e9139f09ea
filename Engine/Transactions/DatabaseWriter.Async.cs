namespace Engine.Transactions;

/// <content>Committing for those who must not block their thread.</content>
internal sealed partial class DatabaseWriter
{
    /// <summary>
    /// As <see cref="Commit"/>, without blocking this thread while the disk works: whatever may wait for it is done by
    /// the flusher.
    /// </summary>
    public async ValueTask<ulong> CommitAsync(bool isDeferred, CancellationToken cancellationToken)
    {
        var ticket = new FlowTicket(cancellationToken);
        if (!TryPrepare(isDeferred, departs: false, ticket, cancellationToken, out var id))
        {
            return id ?? await ticket.Task.ConfigureAwait(false);
        }

        if (isDeferred && TryFlyHere(ticket, cancellationToken, out var deferred))
        {
            return deferred;
        }

        CommitJob job;
        CancellationTokenRegistration cancelling;
        try
        {
            job = new CommitJob(this, isDeferred, ticket, cancellationToken);
            cancelling = cancellationToken.UnsafeRegister(static job => ((CommitJob)job!).Cancel(), job);
        }
        catch
        {
            Cancel();
            throw;
        }

        using (cancelling)
        {
            if (!TryPost(job))
            {
                job.Run();
            }

            return await ticket.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Flies, for a transaction that has the right to and was left for somebody else to end.</summary>
    public ulong Fly(CommitTicket ticket, bool isDeferred, CancellationToken cancellationToken) =>
        Fly(null, ticket, isDeferred, cancellationToken);

    /// <summary>Aborts, instead of flying.</summary>
    public void Cancel()
    {
        try
        {
            Abort();
        }
        finally
        {
            EndFlight();
        }
    }

    /// <summary>
    /// Commits deferred, if nobody flushes and it need not be flushed now: then it is a matter of memory and of the
    /// system's cache.
    /// </summary>
    private bool TryFlyHere(CommitTicket ticket, CancellationToken cancellationToken, out ulong id)
    {
        id = 0;
        if (!_publishing.TryEnter())
        {
            return false;
        }

        try
        {
            if (MustFlush(_context.BytesToWrite))
            {
                return false;
            }

            id = Fly(ticket, isDeferred: true, cancellationToken);
            return true;
        }
        finally
        {
            _publishing.Exit();
        }
    }

    private bool TryPost(CommitJob job)
    {
        try
        {
            return _flusher.TryPost(job);
        }
        catch
        {
            // It is not among the jobs, so nobody else ends the transaction, unless it was cancelled.
            job.Cancel();
            throw;
        }
    }
}
