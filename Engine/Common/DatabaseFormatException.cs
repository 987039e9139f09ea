namespace Engine;

/// <summary>
/// The file is not a database of this engine, or needs a feature or page size that this open does not allow.
/// </summary>
public sealed class DatabaseFormatException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseFormatException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
