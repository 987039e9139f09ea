namespace Engine;

/// <summary>
/// The turn to write did not come within <c>DatabaseOptions.WriterTimeout</c>. The message says which transaction is
/// open, since when, and on which thread it was begun. Nothing was changed; trying again is possible.
/// </summary>
public sealed class WriterTimeoutException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public WriterTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public WriterTimeoutException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
