namespace Engine.Transactions;

/// <summary>
/// Commits the transaction that is open; its context has been entered. Until that begins it can be cancelled, and
/// within it at some points.
/// </summary>
internal sealed class CommitJob(DatabaseWriter writer, bool isDeferred, CancellationToken cancellationToken)
    : FlusherJob
{
    private readonly TaskCompletionSource<ulong> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClaimed;

    public Task<ulong> Task => _result.Task;

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
            id = writer.Fly(isDeferred, cancellationToken);
        }
        catch (OperationCanceledException e) when (e.CancellationToken == cancellationToken)
        {
            _result.TrySetCanceled(cancellationToken);
            return;
        }
        catch (Exception e)
        {
            _result.TrySetException(e);
            return;
        }

        _result.TrySetResult(id);
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
            _result.TrySetException(e);
            return;
        }

        _result.TrySetCanceled(cancellationToken);
    }
}
