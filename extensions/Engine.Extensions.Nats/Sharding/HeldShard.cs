namespace Engine.Extensions.Nats.Sharding;

/// <summary>A shard that is open here, and the writes of others that are done for it until it is disposed.</summary>
internal sealed class HeldShard : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _ending = new();
    private readonly ForwardedWrites _served;
    private readonly Task _serving;
    private int _writes;
    private volatile bool _isEnding;

    public HeldShard(int number, Replica replica, ForwardedWrites writes)
    {
        Shard = new LocalShard(number, replica);
        _served = writes;
        _serving = writes.RunAsync(_ending.Token);
    }

    public LocalShard Shard { get; }

    /// <summary>Begins a write of this node; false if the shard is being given up.</summary>
    public bool TryBeginWrite()
    {
        Interlocked.Increment(ref _writes);
        if (!_isEnding)
        {
            return true;
        }

        EndWrite();
        return false;
    }

    public void EndWrite() => Interlocked.Decrement(ref _writes);

    /// <summary>Takes no more writes, and waits for those that are under way: each has its time-out.</summary>
    public async Task DrainAsync()
    {
        _isEnding = true;
        await _ending.CancelAsync().ConfigureAwait(false);
        await _serving.ConfigureAwait(false);
        while (Volatile.Read(ref _writes) > 0)
        {
            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    /// <summary>Ends at once: writes that are under way are left open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Shard.Replica.DisposeAsync().ConfigureAwait(false);
        await _serving.ConfigureAwait(false);
        _served.Dispose();
        _ending.Dispose();
    }
}
