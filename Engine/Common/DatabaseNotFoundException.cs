namespace Engine;

/// <summary>There is no database at the path, and creating one was not asked for or is impossible.</summary>
public sealed class DatabaseNotFoundException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
