namespace Engine;

/// <summary>
/// The disk, a quota or the file size limit is exhausted. The transaction was aborted; the database stays usable and
/// nothing committed is lost.
/// </summary>
public sealed class DatabaseFullException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseFullException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseFullException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
