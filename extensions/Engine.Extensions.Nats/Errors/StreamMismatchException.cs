namespace Engine.Extensions.Nats;

/// <summary>
/// The stream is none that this package made, or is the log of another database than the one in the directory.
/// </summary>
public sealed class StreamMismatchException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public StreamMismatchException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public StreamMismatchException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
