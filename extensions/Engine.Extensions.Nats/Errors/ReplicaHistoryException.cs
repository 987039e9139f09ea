namespace Engine.Extensions.Nats;

/// <summary>
/// This node has applied a history that is not the stream's: the stream lost messages, or was restored from an
/// older copy, or somebody wrote to the database beside it. Nothing more is applied. Move the directory away, and
/// the node starts from a snapshot.
/// </summary>
public sealed class ReplicaHistoryException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public ReplicaHistoryException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ReplicaHistoryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
