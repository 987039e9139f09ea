namespace Engine.Cli.Shared;

/// <summary>
/// The user asked for something that cannot be done as asked. The message is one line that says what to do instead.
/// </summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
