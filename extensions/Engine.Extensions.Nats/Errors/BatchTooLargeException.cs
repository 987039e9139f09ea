namespace Engine.Extensions.Nats;

/// <summary>
/// A batch is larger than a message may be, by <see cref="ReplicaOptions.MaxMessageBytes"/> or by the limit of the
/// server. Nothing was written: split it.
/// </summary>
public sealed class BatchTooLargeException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public BatchTooLargeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public BatchTooLargeException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
