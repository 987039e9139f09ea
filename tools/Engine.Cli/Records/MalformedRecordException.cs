namespace Engine.Cli.Records;

/// <summary>A line that is no record of its format.</summary>
internal sealed class MalformedRecordException : Exception
{
    public MalformedRecordException(long lineNumber, string problem, Exception? innerException = null)
        : base(problem, innerException) => LineNumber = lineNumber;

    /// <summary>The line, from 1.</summary>
    public long LineNumber { get; }
}
