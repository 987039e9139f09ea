namespace Engine;

/// <summary>The process lacks the rights to do what was asked, or the medium is read-only.</summary>
public sealed class DatabaseAccessException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseAccessException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseAccessException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
