using Engine.Extensions.Nats.Writing;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// What the shards of a node share, so that its memory is bounded however many it holds and however far they lag.
/// </summary>
internal sealed class NodeLimits(ShardedReplicaOptions options) : IDisposable
{
    /// <summary>Bytes of batches that wait to be decided.</summary>
    public BytePool Pending { get; } = new(options.Replica.MaxPendingBytes);

    /// <summary>Bytes of messages that were fetched and are not applied.</summary>
    public BytePool Fetched { get; } = new(options.MaxFetchedBytes);

    /// <summary>Transactions that apply messages at the same time.</summary>
    public SemaphoreSlim Applying { get; } = new(options.MaxApplying);

    /// <summary>Snapshots that are taken at the same time.</summary>
    public SemaphoreSlim Snapshots { get; } = new(options.MaxSnapshots);

    public void Dispose()
    {
        Applying.Dispose();
        Snapshots.Dispose();
    }
}
