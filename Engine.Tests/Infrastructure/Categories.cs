namespace Engine.Tests.Infrastructure;

/// <summary>
/// What sets tests apart, besides their folder. Tests of the library that run in this process within a second or two
/// have none. <c>dotnet test</c> leaves <see cref="Process"/> and <see cref="Campaign"/> out, .ci/run the latter
/// (docs/testing.md).
/// </summary>
internal static class Categories
{
    /// <summary>Tests of the command-line tool: those in the folder Cli.</summary>
    public const string Cli = "Cli";

    /// <summary>Tests of the benchmark tool: those in the folder Bench.</summary>
    public const string Bench = "Bench";

    /// <summary>
    /// Starts other processes: those in the folder Processes, and whatever else runs a tool or a helper as a process of
    /// its own. A whole class of these is <see cref="NonParallelizableAttribute"/>.
    /// </summary>
    public const string Process = "Process";

    /// <summary>Takes long, or has a short sibling that proves the same with less.</summary>
    public const string Campaign = "Campaign";
}
