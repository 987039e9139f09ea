namespace Engine.Extensions.Nats;

/// <summary>
/// The stream, a message in it or the database was written by a newer version of this package. Update this node;
/// nothing was changed.
/// </summary>
public sealed class ReplicaVersionException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public ReplicaVersionException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ReplicaVersionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
