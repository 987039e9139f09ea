namespace Engine.Cli.Shared;

/// <summary>
/// What the process returns. Scripts lean on these numbers: they are documented in <c>engine --help</c> and
/// docs/cli.md.
/// </summary>
internal static class ExitCode
{
    /// <summary>Done. Also when the reader of the output closed the pipe early: it got what it wanted.</summary>
    public const int Ok = 0;

    /// <summary>The key or tree is absent, or a check found the file damaged.</summary>
    public const int Absent = 1;

    /// <summary>Wrong arguments, or input that cannot be read or understood.</summary>
    public const int Usage = 2;

    /// <summary>The database cannot be opened, read or written.</summary>
    public const int Database = 3;

    /// <summary>Stopped by Ctrl-C; the running transaction was aborted.</summary>
    public const int Interrupted = 130;

    /// <summary>Stopped by SIGTERM; the running transaction was aborted.</summary>
    public const int Terminated = 143;
}
