namespace Engine;

/// <summary>
/// Another process, or another instance in this one, has the database open for writing, or still reads a state that
/// opening for writing would discard.
/// </summary>
public sealed class DatabaseBusyException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabaseBusyException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabaseBusyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
