namespace Engine;

/// <summary>
/// A flush or a meta write failed: the outcome of that commit is unknown, and the database accepts no further commits.
/// Dispose it and open it again; recovery decides.
/// </summary>
public sealed class DatabasePoisonedException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public DatabasePoisonedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public DatabasePoisonedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
