using System.Text;
using Engine.Cli.Lmdb;
using Engine.Cli.Making;
using Engine.Cli.Records;

namespace Engine.Cli.Shared;

/// <summary>Turns an exception into one line on standard error and an exit code.</summary>
internal static class ErrorReporting
{
    /// <summary>Set to anything to see stack traces.</summary>
    private const string TraceVariable = "ENGINE_TRACE";

    public static int Report(Exception exception, CommandContext context)
    {
        switch (exception)
        {
            case OutputClosedException:
                return ExitCode.Ok;
            case OperationCanceledException:
                Write(context.Error, exception is InterruptedException ? exception.Message : "interrupted");
                return context.CancelledExitCode();
        }

        (int exitCode, string message) = Describe(exception);
        Write(context.Error, message);
        if (Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 })
            WriteTrace(exception, context.Error);
        return exitCode;
    }

    public static void Write(TextWriter error, string message)
    {
        try
        {
            error.WriteLine("engine: " + OneLine(message));
            error.Flush();
        }
        catch (IOException)
        {
            // Nobody listens, and there is no other place to say so: the exit code has to do.
        }
    }

    /// <summary>The exit code and the message for a failure.</summary>
    public static (int ExitCode, string Message) Describe(Exception exception) => exception switch
    {
        StoppedHalfwayException { InnerException: { } reason } => (Describe(reason).ExitCode, exception.Message),
        UsageException or MalformedRecordException or LmdbFormatException => (ExitCode.Usage, exception.Message),
        VerificationFailedException => (ExitCode.Database, exception.Message),
        KeyTooLongException or PairTooLongException => (ExitCode.Usage, WithoutParameterName(exception)),
        TreeNotFoundException or VerificationException => (ExitCode.Absent, exception.Message),
        DatabaseException => (ExitCode.Database, InOurWords(exception.Message)),
        IOException or UnauthorizedAccessException => (ExitCode.Database, exception.Message),
        OutOfMemoryException =>
            (ExitCode.Database, "out of memory: use smaller values or, for load, a smaller --batch"),
        _ => (
            ExitCode.Database,
            $"internal error, please report it (set {TraceVariable}=1 for details): {exception.GetType().Name}: "
            + $"{exception.Message}"),
    };

    /// <summary>
    /// A message as one line that no terminal takes for anything else: line ends and tabs become blanks, what does not
    /// print <c>\hh</c>.
    /// </summary>
    public static string OneLine(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (char c in message.Trim())
        {
            bool blank = c is '\n' or '\r' or '\t' or '\u0085' or '\u2028' or '\u2029';
            if (!blank)
                line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }

        return ReadableText.Escape(line.ToString());
    }

    private static void WriteTrace(Exception exception, TextWriter error)
    {
        foreach (string line in exception.ToString().ReplaceLineEndings("\n").Split('\n'))
            error.WriteLine(ReadableText.Escape(line));
    }

    /// <summary>The engine's advice is for programmers.</summary>
    private static string InOurWords(string message) => message
        .Replace("open it with the option WithoutLock", "give --without-lock", StringComparison.Ordinal)
        .Replace(
            "Abort the transaction, and name a directory with enough room in BulkLoadOptions.TempDirectory",
            "Make room there, or name another directory with --temp", StringComparison.Ordinal);

    private static string WithoutParameterName(Exception exception) =>
        exception is ArgumentException { ParamName: { } name }
            ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
            : exception.Message;
}
