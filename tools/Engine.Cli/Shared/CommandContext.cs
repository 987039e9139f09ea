namespace Engine.Cli.Shared;

/// <summary>What a command may touch of the world besides its files. Tests put memory streams here.</summary>
internal sealed class CommandContext
{
    public required Stream Input { get; init; }

    public required Output Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>True if a person types the input and sees the output: then there are prompts.</summary>
    public bool IsInteractive { get; init; }

    public required ProgressReporter Progress { get; init; }

    /// <summary>
    /// Cancelled by Ctrl-C. Commands look at it between entries; the running transaction is then aborted.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The exit code for a cancelled command, which depends on the signal.</summary>
    public Func<int> CancelledExitCode { get; init; } = () => ExitCode.Interrupted;
}
