using Engine.Extensions.Nats.Sharding;

namespace Engine.Extensions.Nats;

/// <content>Writing to any shard.</content>
public sealed partial class ShardedReplica
{
    /// <summary>
    /// Writes a batch to the shard in which its keys lie, those of its preconditions too. If this node holds the shard,
    /// the batch is applied here when this returns, as with <see cref="Replica.WriteAsync"/>; otherwise a node that
    /// holds it has written and applied it, and said how it was decided.
    /// </summary>
    /// <param name="batch">The batch; it may be changed as soon as the task is returned.</param>
    /// <param name="cancellationToken">Ends the waiting; the batch may still be applied.</param>
    /// <exception cref="CrossShardException">Its keys lie in different shards; nothing was written.</exception>
    /// <exception cref="NoHolderException">Nobody who holds the shard could take it; nothing was written.</exception>
    /// <exception cref="WriteTimeoutException">Nobody said in time how it was decided.</exception>
    /// <exception cref="BatchTooLargeException">It is larger than a message may be; nothing was written.</exception>
    /// <exception cref="KeyTooLongException">A key is too long; nothing was written.</exception>
    /// <exception cref="ReplicaException">As for <see cref="Replica.WriteAsync"/>.</exception>
    /// <exception cref="ArgumentException">The batch names no key, so that it could be for any shard.</exception>
    /// <exception cref="InvalidOperationException">
    /// Keys do not say their partition (<see cref="ShardKey.Named"/>).
    /// </exception>
    public Task<ShardOutcome> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RequireOpen();
        var encoded = batch.Encode();
        return BatchRouter.Find(Layout, encoded) is { } shard
            ? WriteToAsync(shard, batch, encoded, cancellationToken)
            : throw new ArgumentException(
                "The batch names no key, so that it could be for any shard. Say its partition key.", nameof(batch));
    }

    /// <summary>
    /// Writes a batch to the shard of a partition key. Where keys say their partition, they must lie in that shard;
    /// where they do not (<see cref="ShardKey.Named"/>), they lie wherever they are written, and a range that is
    /// deleted is deleted in that shard.
    /// </summary>
    /// <param name="partition">The partition key; it is hashed as it is.</param>
    /// <param name="batch">The batch; it may be changed as soon as the task is returned.</param>
    /// <param name="cancellationToken">Ends the waiting; the batch may still be applied.</param>
    /// <exception cref="CrossShardException">Its keys lie in another shard; nothing was written.</exception>
    /// <exception cref="ReplicaException">As for the other one.</exception>
    public Task<ShardOutcome> WriteAsync(
        ReadOnlySpan<byte> partition, WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RequireOpen();
        var shard = Layout.ShardOfPartition(partition);
        var encoded = batch.Encode();
        if (Layout.Key.Kind != ShardKeyKind.Named
            && BatchRouter.Find(Layout, encoded) is { } found
            && found != shard)
        {
            throw BatchRouter.NewException([Math.Min(shard, found), Math.Max(shard, found)]);
        }

        return WriteToAsync(shard, batch, encoded, cancellationToken);
    }

    private Task<ShardOutcome> WriteToAsync(
        int shard, WriteBatch batch, byte[] encoded, CancellationToken cancellationToken)
    {
        if (!_held.TryGetValue(shard, out var held) || held?.TryBeginWrite() is not true)
        {
            // With an id, by which whoever applies it knows it again.
            return ForwardAsync(
                shard,
                batch.Id is null ? batch.Encode(Guid.CreateVersion7()) : encoded,
                batch.LongestKey,
                cancellationToken);
        }

        var limit = held.Shard.Replica.CurrentDatabase.MaxKeyLength;
        if (batch.LongestKey > limit)
        {
            held.EndWrite();
            throw new KeyTooLongException(batch.LongestKey, limit);
        }

        return WriteHereAsync(held, encoded, cancellationToken);
    }

    private async Task<ShardOutcome> ForwardAsync(
        int shard, byte[] encoded, int longestKey, CancellationToken cancellationToken) =>
        new(shard, await _forwarder.WriteAsync(shard, encoded, longestKey, cancellationToken).ConfigureAwait(false));

    private static async Task<ShardOutcome> WriteHereAsync(
        HeldShard held, byte[] encoded, CancellationToken cancellationToken)
    {
        try
        {
            return new ShardOutcome(
                held.Shard.Number,
                await held.Shard.Replica.WriteEncodedAsync(encoded, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            held.EndWrite();
        }
    }
}
