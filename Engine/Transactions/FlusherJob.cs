namespace Engine.Transactions;

/// <summary>
/// Something that the <see cref="Flusher"/> does for somebody who awaits it. Whatever comes of it, also an exception,
/// is told to that one.
/// </summary>
internal abstract class FlusherJob
{
    /// <summary>Does it. Throws nothing.</summary>
    public abstract void Run();
}

/// <summary>Makes the deferred commits durable.</summary>
internal sealed class FlushJob(DatabaseCore core) : FlusherJob
{
    private readonly TaskCompletionSource _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _result.Task;

    public override void Run()
    {
        try
        {
            core.Flush();
        }
        catch (Exception e)
        {
            _result.TrySetException(e);
            return;
        }

        _result.TrySetResult();
    }
}

/// <summary>Settles a database that has been idle. Nobody waits for it.</summary>
internal sealed class SettleJob(DatabaseCore core) : FlusherJob
{
    public override void Run() => core.SettleIdle();
}

/// <summary>
/// Commits the transaction that is open; its context has been entered. Until that begins it can be cancelled, and
/// within it at some points.
/// </summary>
internal sealed class CommitJob(DatabaseCore core, bool isDeferred, CancellationToken cancellationToken) : FlusherJob
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
            id = core.Commit(isDeferred, cancellationToken);
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
            core.Abort();
        }
        catch (Exception e)
        {
            _result.TrySetException(e);
            return;
        }

        _result.TrySetCanceled(cancellationToken);
    }
}
