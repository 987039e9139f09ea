namespace Engine.Extensions.Nats;

/// <summary>
/// No node that holds the shard could take the write. Nothing was written: start one of the <see cref="Holders"/>, or
/// have this node hold the shard (<see cref="ShardedReplica.HoldAsync"/>).
/// </summary>
public sealed class NoHolderException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public NoHolderException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public NoHolderException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The shard.</summary>
    public int Shard { get; init; }

    /// <summary>Names of the nodes that hold it, running or not; empty if none does.</summary>
    public IReadOnlyList<string> Holders { get; init; } = [];
}
