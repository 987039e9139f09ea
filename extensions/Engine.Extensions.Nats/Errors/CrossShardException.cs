namespace Engine.Extensions.Nats;

/// <summary>
/// The keys of a batch lie in different shards, which have no transactions in common. Nothing was written: split the
/// batch by <see cref="ShardedReplica.ShardOf"/>, or let what belongs together have one partition key.
/// </summary>
public sealed class CrossShardException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public CrossShardException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public CrossShardException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// The shards in which its keys lie, ascending; a range that is not within a partition lies in all.
    /// </summary>
    public IReadOnlyList<int> Shards { get; init; } = [];
}
