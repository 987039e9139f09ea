namespace Engine;

/// <summary>
/// Every slot of the reader table is taken. Dispose read transactions and snapshots that are no longer needed.
/// </summary>
public sealed class ReadersFullException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public ReadersFullException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public ReadersFullException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
