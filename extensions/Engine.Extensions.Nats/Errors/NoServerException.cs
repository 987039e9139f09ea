namespace Engine.Extensions.Nats;

/// <summary>
/// No server of the cluster can be reached. A write that was under way may still come to be: write it again with
/// the same <see cref="WriteBatch.Id"/> to learn how it went.
/// </summary>
public sealed class NoServerException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public NoServerException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public NoServerException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
