namespace Engine.Transactions;

/// <summary>
/// Wakes those who wait for the next durable state. Costs a commit a fence, and nothing more while nobody waits.
/// Thread-safe.
/// </summary>
internal sealed class StateSignal
{
    private TaskCompletionSource? _waiting;

    /// <summary>
    /// Completes at the next <see cref="Set"/>. Who looks for a new state after this was called misses none.
    /// </summary>
    public Task Next()
    {
        while (true)
        {
            if (Volatile.Read(ref _waiting) is { } waiting)
            {
                // A full fence, as the exchange below: the caller looks for a state afterwards.
                Interlocked.MemoryBarrier();
                return waiting.Task;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.CompareExchange(ref _waiting, source, null) is null)
            {
                return source.Task;
            }
        }
    }

    /// <summary>There is a new state, or there will be none.</summary>
    public void Set()
    {
        // Between what the caller has made known and the look for those who wait.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _waiting) is not null)
        {
            Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
        }
    }
}
