namespace Engine.Extensions.Nats;

/// <summary>
/// There is no stream of that name, and it may not be created; or it was deleted while it was followed.
/// </summary>
public sealed class StreamNotFoundException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public StreamNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public StreamNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
