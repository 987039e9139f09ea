namespace Engine.Transactions;

/// <summary>
/// Commits the transaction that is open; its context has been entered. Until that begins it can be cancelled, and
/// within it at some points.
/// </summary>
internal sealed class CommitJob(
    DatabaseWriter writer, bool isDeferred, CommitTicket ticket, CancellationToken cancellationToken)
    : FlusherJob
{
    private int _isClaimed;

    /// <summary>Gives the right to end the transaction to one of those who want to.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    public override void Run()
    {
        if (!TryClaim())
        {
            return;
        }

        ulong id;
        try
        {
            id = writer.Fly(ticket, isDeferred, cancellationToken);
        }
        catch (Exception e)
        {
            ticket.Fail(e);
            return;
        }

        ticket.Complete(id);
    }

    /// <summary>Aborts the transaction instead, if its commit has not begun.</summary>
    public void Cancel()
    {
        if (!TryClaim())
        {
            return;
        }

        try
        {
            writer.Cancel();
        }
        catch (Exception e)
        {
            ticket.Fail(e);
            return;
        }

        ticket.Fail(new OperationCanceledException(cancellationToken));
    }
}
