namespace Engine.Cli.Shared;

/// <summary>
/// Work that was committed in parts failed between two of them. The message says which part is kept, the inner
/// exception why it stopped.
/// </summary>
internal sealed class StoppedHalfwayException : Exception
{
    public StoppedHalfwayException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
