namespace Engine;

/// <summary>A tree exists and has other options than those that were asked for. Nothing was changed.</summary>
public sealed class TreeOptionsException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public TreeOptionsException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public TreeOptionsException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
