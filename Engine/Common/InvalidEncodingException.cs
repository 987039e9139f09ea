namespace Engine;

/// <summary>
/// Bytes are none that a codec writes: they were written by something else, or with another definition of the type.
/// </summary>
public sealed class InvalidEncodingException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public InvalidEncodingException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public InvalidEncodingException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
