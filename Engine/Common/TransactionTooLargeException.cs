namespace Engine;

/// <summary>The write transaction needs more memory than its budget. Commit in smaller steps or raise the budget.</summary>
public sealed class TransactionTooLargeException : DatabaseException
{
    /// <summary>Makes an exception with a message.</summary>
    public TransactionTooLargeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and the failure behind it.</summary>
    public TransactionTooLargeException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
