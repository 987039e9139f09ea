namespace Engine.Extensions.Nats;

/// <summary>
/// The sharded database was made with another number of shards, another rule for keys or another page size than these
/// options say; or a stream or directory belongs to another shard. They are fixed when the database is made.
/// </summary>
public sealed class ShardLayoutException : ReplicaException
{
    /// <summary>Makes an exception with a message.</summary>
    public ShardLayoutException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ShardLayoutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
