namespace Engine.Extensions.Nats;

/// <summary>The log no longer has what this node needs, and there is no snapshot that reaches it.</summary>
public sealed class SnapshotUnavailableException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public SnapshotUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public SnapshotUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
