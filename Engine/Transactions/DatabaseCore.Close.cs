using System.Runtime.ExceptionServices;

namespace Engine.Transactions;

/// <content>Closing.</content>
internal sealed partial class DatabaseCore
{
    /// <summary>
    /// Makes deferred commits durable, gives the newest state its second meta, cuts the unused end off the file if
    /// nobody else has it open, and gives everything back. An open write transaction is aborted, when its operation or
    /// callback that is under way has returned. Maps that open readers look into stay for ever: their spans stay
    /// readable, their transactions are told.
    /// </summary>
    public void Dispose()
    {
        // A callback of the write transaction would wait for the operation that it is called by.
        RequireNoCallback();
        using (Uninterrupted.Enter(_closing))
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Interlocked.MemoryBarrier();
        }

        Exception? failure = null;
        Attempt(_role.Finish, ref failure);
        Attempt(Telemetry.Stop, ref failure);
        Attempt(() => _role.Leave(isQuiet: Readers.Close()), ref failure);

        // Each is given back, whatever became of the others.
        foreach (var part in (IDisposable[])[_role, File, LockFile, Storage])
        {
            Attempt(part.Dispose, ref failure);
        }

        DurableSignal.Set();
        if (WhenClosed is { } told)
        {
            Attempt(told, ref failure);
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>
    /// As <see cref="Dispose"/>, without blocking this thread: closing waits for the disk, for operations that are
    /// under way, and for the flusher's thread, which therefore cannot do it. A thread that is begun for it and ends
    /// with it can.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        RequireNoCallback();
        if (_isDisposed)
        {
            return ValueTask.CompletedTask;
        }

        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => CloseFor(closed)) { IsBackground = true, Name = "Engine closing" };
        try
        {
            thread.UnsafeStart();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // The system gives no more threads: better late than never.
            CloseFor(closed);
        }

        return new ValueTask(closed.Task);
    }

    private void CloseFor(TaskCompletionSource closed)
    {
        try
        {
            Dispose();
        }
        catch (Exception e)
        {
            closed.TrySetException(e);
            return;
        }

        closed.TrySetResult();
    }

    /// <summary>Does it, and keeps the first failure.</summary>
    private static void Attempt(Action action, ref Exception? failure)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            failure ??= e;
        }
    }
}
