namespace Engine.Extensions.Nats;

/// <summary>
/// A commit was not published in <see cref="ReplicaOptions.WriteTimeout"/>. It stands, durably, in the database of the
/// primary, and is published as soon as the stream takes it: wait again for the same state. It is lost to the others if
/// another node becomes the primary before.
/// </summary>
public sealed class PublishTimeoutException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public PublishTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public PublishTimeoutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
