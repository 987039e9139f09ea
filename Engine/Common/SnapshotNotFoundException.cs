namespace Engine;

/// <summary>The database has no named snapshot of that name.</summary>
public sealed class SnapshotNotFoundException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public SnapshotNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public SnapshotNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
