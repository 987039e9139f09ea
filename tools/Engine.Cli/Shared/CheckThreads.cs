namespace Engine.Cli.Shared;

/// <summary>How many threads check a database if nobody says.</summary>
internal static class CheckThreads
{
    /// <summary>With more, reading the file is what takes the time.</summary>
    public const int Most = 4;

    /// <summary>
    /// All processors, up to a few: whoever calls the tool waits for it. But a process that writes to the database
    /// needs them itself.
    /// </summary>
    public static int Choose(bool hasWriter) => hasWriter ? 1 : Math.Min(Environment.ProcessorCount, Most);
}
