namespace Engine.Cli.Shared;

/// <summary>Whoever read our output has gone (<c>engine scan … | head -1</c>): stop, and say nothing.</summary>
internal sealed class OutputClosedException : Exception
{
    public OutputClosedException(Exception innerException)
        : base("The reader of the output is gone.", innerException)
    {
    }
}
