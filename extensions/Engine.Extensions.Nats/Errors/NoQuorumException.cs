namespace Engine.Extensions.Nats;

/// <summary>
/// Servers can be reached, but there are not enough of them to agree: the stream, or one of the buckets, has no
/// leader. A write that was under way may still come to be: write it again with the same <see
/// cref="WriteBatch.Id"/> to learn how it went.
/// </summary>
public sealed class NoQuorumException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public NoQuorumException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public NoQuorumException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
