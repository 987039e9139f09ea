namespace Engine.Extensions.Nats;

/// <summary>Something about replication failed. What derives from it says what, and its message what to do.</summary>
public class ReplicaException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public ReplicaException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ReplicaException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
