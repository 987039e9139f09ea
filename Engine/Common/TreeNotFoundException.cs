namespace Engine;

/// <summary>The snapshot has no tree of that name.</summary>
public sealed class TreeNotFoundException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public TreeNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public TreeNotFoundException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
