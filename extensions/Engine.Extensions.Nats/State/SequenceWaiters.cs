namespace Engine.Extensions.Nats.State;

/// <summary>Those who wait until a sequence is applied. Thread-safe.</summary>
internal sealed class SequenceWaiters
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, ulong> _waiting = new();
    private ulong _reached;
    private Exception? _end;

    public ulong Reached => Volatile.Read(ref _reached);

    public Task WaitAsync(ulong sequence, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_lock)
        {
            if (_reached >= sequence)
            {
                return Task.CompletedTask;
            }

            if (_end is not null)
            {
                return Task.FromException(_end);
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, sequence);
        }

        return waiter.Task.WaitAsync(cancellationToken);
    }

    public void Reach(ulong sequence)
    {
        lock (_lock)
        {
            Volatile.Write(ref _reached, sequence);
            while (_waiting.TryPeek(out var waiter, out var wanted) && wanted <= sequence)
            {
                _waiting.Dequeue();
                waiter.TrySetResult();
            }
        }
    }

    public void End(Exception reason)
    {
        lock (_lock)
        {
            _end ??= reason;
            while (_waiting.TryDequeue(out var waiter, out _))
            {
                waiter.TrySetException(_end);
            }
        }
    }
}
