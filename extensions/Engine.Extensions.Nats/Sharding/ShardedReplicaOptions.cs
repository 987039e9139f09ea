namespace Engine.Extensions.Nats;

/// <summary>What a <see cref="ShardedReplica"/> is opened with.</summary>
public sealed class ShardedReplicaOptions
{
    /// <summary>
    /// What all shards are opened with. <see cref="ReplicaOptions.Name"/> is the name of the sharded database, at most
    /// 58 characters; shard 7 of <c>orders</c> is the replicated database <c>orders-s7</c>. Of
    /// <see cref="ReplicaOptions.Directory"/> each shard has a folder, <c>shard-0007</c>.
    /// <see cref="ReplicaOptions.NodeName"/> must be given: letters, digits, <c>-</c> and <c>_</c>, and the same each
    /// time that the node starts. <see cref="ReplicaOptions.MaxPendingBytes"/> is for all shards together.
    /// </summary>
    public required ReplicaOptions Replica { get; init; }

    /// <summary>
    /// How many shards the database has, from 1 to <see cref="ShardLayout.MaxShards"/>. Whoever makes it decides; for
    /// all others it must be the same. Null: whatever it has, and it is not made.
    /// </summary>
    public int? ShardCount { get; init; }

    /// <summary>
    /// Which part of a key decides; null is <see cref="ShardKey.Whole"/> for a database that is made, and whatever it
    /// has for one that exists.
    /// </summary>
    public ShardKey? Key { get; init; }

    /// <summary>
    /// The shards that this node holds. Null: those that its directory has, which is what
    /// <see cref="ShardedReplica.HoldAsync"/> and <see cref="ShardedReplica.ReleaseAsync"/> made of it. What the
    /// directory has besides stays there, and is not opened.
    /// </summary>
    public IReadOnlyCollection<int>? Shards { get; init; }

    /// <summary>
    /// Bytes of messages that were fetched and are not applied, in all shards together, by default 64 MiB; beside
    /// these each shard may have one message.
    /// </summary>
    public long MaxFetchedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// Shards that apply messages at the same time, by default 8: each may need
    /// <see cref="DatabaseOptions.TransactionMemory"/> for that.
    /// </summary>
    public int MaxApplying { get; init; } = 8;

    /// <summary>Snapshots that this node takes at the same time when they are due, by default 2.</summary>
    public int MaxSnapshots { get; init; } = 2;

    /// <summary>Shards that are opened, and bootstrapped, at the same time, by default 4.</summary>
    public int MaxOpening { get; init; } = 4;

    /// <summary>
    /// Writes of other nodes that this one does for them at the same time, in each shard; by default 32. As many may
    /// wait; others are refused for the moment, and come again or go to another holder.
    /// </summary>
    public int MaxForwarded { get; init; } = 32;

    /// <summary>
    /// How long holders of a shard are looked for while none takes a write and before the last one releases it, and
    /// streams without a leader are waited for when the node is opened; by default 5 seconds.
    /// </summary>
    public TimeSpan HolderTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Replica);
        Replica.Validate();
        Sharding.ShardNames.Validate(Replica.Name);
        Sharding.ShardNames.ValidateNode(Replica.NodeName);
        if (ShardCount is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(ShardCount));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ShardLayout.MaxShards, nameof(ShardCount));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFetchedBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxApplying, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSnapshots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOpening, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxForwarded, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HolderTimeout, TimeSpan.Zero);
    }
}
