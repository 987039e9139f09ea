namespace Engine.Extensions.Nats;

/// <summary>
/// No other node has all of the shard that this one has, so that it is not released. Hold it on another node first; or
/// release it by force, after which it is only in the log and its snapshots.
/// </summary>
public sealed class LastHolderException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public LastHolderException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public LastHolderException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The shard.</summary>
    public int Shard { get; init; }
}
