namespace Engine;

/// <summary>A tree of that name exists already.</summary>
public sealed class TreeExistsException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public TreeExistsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public TreeExistsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
