namespace Engine;

/// <summary>
/// The database file was deleted, or replaced by another one under its path, while it was open here or is open
/// elsewhere. Nothing is committed to a file that the path does not reach: close the database everywhere and open it
/// again.
/// </summary>
public sealed class DatabaseReplacedException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseReplacedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseReplacedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
