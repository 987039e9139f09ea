namespace Engine.Extensions.Nats;

/// <summary>
/// This node does not hold the shard, and so cannot read it. Ask one of the <see cref="Holders"/>, or hold it
/// (<see cref="ShardedReplica.HoldAsync"/>).
/// </summary>
public sealed class ShardNotHeldException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public ShardNotHeldException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ShardNotHeldException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The shard.</summary>
    public int Shard { get; init; }

    /// <summary>Names of the nodes that hold it, as far as this node knows.</summary>
    public IReadOnlyList<string> Holders { get; init; } = [];
}
