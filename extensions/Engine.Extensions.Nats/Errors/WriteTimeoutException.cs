namespace Engine.Extensions.Nats;

/// <summary>
/// A write was not decided in <see cref="ReplicaOptions.WriteTimeout"/>, though the stream takes messages: this
/// node is behind, or cannot apply. It may still come to be: write it again with the same <see
/// cref="WriteBatch.Id"/> to learn how it went.
/// </summary>
public sealed class WriteTimeoutException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public WriteTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public WriteTimeoutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
