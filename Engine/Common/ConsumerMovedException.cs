namespace Engine;

/// <summary>
/// A consumer of changes is further than the change that was to be completed: something else consumes by its name.
/// </summary>
public sealed class ConsumerMovedException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public ConsumerMovedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ConsumerMovedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
