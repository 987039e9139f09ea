namespace Engine;

/// <summary>
/// A savepoint cannot be used: it is another transaction's, or gone (released, or set after one that was rolled back
/// to).
/// </summary>
public sealed class SavepointException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public SavepointException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public SavepointException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
