namespace Engine.Cli.Shared;

/// <summary>The user stopped the command; the message says what is kept.</summary>
internal sealed class InterruptedException : OperationCanceledException
{
    public InterruptedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
