namespace Engine;

/// <summary>A named snapshot of that name exists already.</summary>
public sealed class SnapshotExistsException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public SnapshotExistsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public SnapshotExistsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
