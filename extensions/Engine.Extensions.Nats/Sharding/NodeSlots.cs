namespace Engine.Extensions.Nats.Sharding;

/// <summary>A place among those who may do something at the same time; free when it is disposed.</summary>
internal readonly struct NodeSlots : IDisposable
{
    private readonly SemaphoreSlim? _slots;

    private NodeSlots(SemaphoreSlim? slots)
    {
        _slots = slots;
    }

    /// <summary>Waits for a place; at once where there is no limit.</summary>
    public static async ValueTask<NodeSlots> EnterAsync(SemaphoreSlim? slots, CancellationToken cancellationToken)
    {
        if (slots is not null)
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return new NodeSlots(slots);
    }

    public void Dispose() => _slots?.Release();
}
