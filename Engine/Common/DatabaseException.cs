namespace Engine;

/// <summary>
/// The base of every failure that the database itself reports. The message says what happened and what to do.
/// </summary>
public class DatabaseException : Exception
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
