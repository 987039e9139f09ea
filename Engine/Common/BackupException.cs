namespace Engine;

/// <summary>
/// A backup stream is none, torn, damaged or another one than is needed here; the message names the stream, what is
/// wrong and what to do. Nothing was restored.
/// </summary>
public sealed class BackupException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public BackupException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public BackupException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
