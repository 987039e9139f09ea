namespace Engine.Extensions.Nats;

/// <summary>
/// This node is not the primary, or is it no longer. A commit that was made here before stands here, and it is not
/// known yet whether it is in the stream: if this node becomes the primary again, it is published; if another one does
/// first, it is set aside (<see cref="FeedNode.CommitsSetAside"/>).
/// </summary>
public sealed class NotPrimaryException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public NotPrimaryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public NotPrimaryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
