namespace Engine.Transactions;

/// <summary>
/// Lets one writer in at a time, in the order of arrival. Waiting is asynchronous and cancellable; the gate is not bound to threads, so a transaction may
/// be begun on one and ended on another.
/// </summary>
internal sealed class WriterGate
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiters = new();
    private bool _isTaken;
    private Exception? _closed;

    /// <summary>Takes the gate if nobody holds it or waits for it.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            ThrowIfClosed();
            return !_isTaken && (_isTaken = true);
        }
    }

    /// <summary>Takes the gate, blocking the thread until it is this caller's turn.</summary>
    public void Enter() =>
        // Straight at the waiter's task, which the leaving writer completes: a continuation would need a free thread of the pool, and all may wait here.
        Join()?.Value.Task.GetAwaiter().GetResult();

    /// <summary>Takes the gate when it is this caller's turn.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Join() is not { } node)
        {
            return;
        }

        using var registration = cancellationToken.UnsafeRegister(_ => Cancel(node, cancellationToken), null);
        await node.Value.Task.ConfigureAwait(false);
    }

    /// <summary>Hands the gate to the next in line.</summary>
    public void Exit()
    {
        lock (_lock)
        {
            while (_waiters.First is { } next)
            {
                _waiters.RemoveFirst();
                if (next.Value.TrySetResult(true))
                {
                    return;
                }
            }

            _isTaken = false;
        }
    }

    /// <summary>Refuses everyone from now on, those who wait included. Whoever holds the gate keeps it.</summary>
    public void Close(Exception reason)
    {
        lock (_lock)
        {
            _closed = reason;
            foreach (var waiter in _waiters)
            {
                waiter.TrySetException(reason);
            }

            _waiters.Clear();
        }
    }

    /// <summary>Takes the gate, or joins the queue.</summary>
    /// <returns>The place in the queue; null if the gate was taken.</returns>
    private LinkedListNode<TaskCompletionSource<bool>>? Join()
    {
        lock (_lock)
        {
            ThrowIfClosed();
            if (!_isTaken)
            {
                _isTaken = true;
                return null;
            }

            return _waiters.AddLast(new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private void Cancel(LinkedListNode<TaskCompletionSource<bool>> node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Whoever was let in already stays in; the cancellation came too late.
            if (node.Value.TrySetCanceled(cancellationToken))
            {
                node.List?.Remove(node);
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed is not null)
        {
            throw _closed;
        }
    }
}
