using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Engine.Cli.Commands;
using Engine.Cli.Shared;

namespace Engine.Cli;

/// <summary>The whole tool: arguments in, exit code out.</summary>
internal static class App
{
    private const string Notes = """
        Exit codes:
          0  done
          1  the key or tree is absent, or a check found damage
          2  wrong arguments, or input that cannot be read or understood; for check also a FILE that cannot be read
          3  the database cannot be opened, read or written
          130 (143)  stopped by Ctrl-C (SIGTERM); the running transaction was aborted

        Examples:
          engine load unicode.db data/unicode.tsv
          engine scan unicode.db --prefix 0003 --limit 5
          engine COMMAND --help
        """;

    public static int Run(IReadOnlyList<string> arguments, CommandContext context)
    {
        try
        {
            if (ReplicaCommand.IsMeant(arguments))
                return ReplicaCommand.Run(context, arguments.Skip(1));
            ParseResult parsed = CreateRoot(context).Parse(
                arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            int exitCode = parsed.Action is ParseErrorAction
                ? ReportMisuse(parsed, context)
                : FindStrayOption(parsed, arguments) is { } stray
                    ? ReportMisuse(
                        parsed,
                        context,
                        $"unknown option '{stray}' (write -- before keys and values that begin with --)")
                    : Invoke(parsed, context);
            context.Output.Flush();
            return exitCode;
        }
        catch (Exception exception)
        {
            // What was already said comes before what went wrong.
            FlushQuietly(context.Output);
            return ErrorReporting.Report(exception, context);
        }
    }

    private static void FlushQuietly(Output output)
    {
        try
        {
            output.Flush();
        }
        catch (Exception exception) when (exception is OutputClosedException or UsageException)
        {
            // The first failure is the one to report.
        }
    }

    private static Command CreateRoot(CommandContext context)
    {
        // A plain command: a RootCommand is named after the executable, which is not what people type.
        var root = new Command("engine", "Loads, reads, writes and inspects Engine database files.")
        {
            LoadCommand.Create(context),
            DumpCommand.Create(context),
            ImportCommand.Create(context),
            CopyCommand.Create(context),
            UpgradeCommand.Create(context),
            BackupCommand.Create(context),
            RestoreCommand.Create(context),
            VerifyCommand.Create(context),
            GetCommand.Create(context),
            PutCommand.Create(context),
            DelCommand.Create(context),
            ScanCommand.Create(context),
            CreateCommand.Create(context),
            RankCommand.Create(context),
            AtCommand.Create(context),
            CountCommand.Create(context),
            SnapshotCommand.Create(context),
            DiffCommand.Create(context),
            ChangesCommand.Create(context),
            SequencesCommand.Create(context),
            SequenceCommand.Create(context),
            InfoCommand.Create(context),
            TreesCommand.Create(context),
            TreeCommand.Create(context),
            PagesCommand.Create(context),
            PageCommand.Create(context),
            SpaceCommand.Create(context),
            ReadersCommand.Create(context),
            CheckCommand.Create(context),
            StatCommand.Create(context),
            ReplicaCommand.Create(),
            ShellCommand.Create(context),
            DemoCommand.Create(context),
            CompletionCommand.Create(context),
        };
        root.Add(CompleteCommand.Create(context, root));
        root.Add(new VersionOption("--version") { Description = "Show the version" });
        HelpWithExamples.AddTo(root, Notes);
        return root;
    }

    private static int Invoke(ParseResult parsed, CommandContext context) => parsed.Invoke(new InvocationConfiguration
    {
        Output = context.Output.Text,
        Error = context.Error,
        EnableDefaultExceptionHandler = false,

        // Signals are handled in Program, which knows how to let a blocked read go.
        ProcessTerminationTimeout = null,
    });

    /// <summary>
    /// The parser takes an unknown option for an argument where one fits, so that a key may begin with a hyphen. With
    /// two hyphens it is far more likely a slip, and <c>del FILE KEY --tre users</c> must not delete from the default
    /// tree.
    /// </summary>
    private static string? FindStrayOption(ParseResult parsed, IReadOnlyList<string> arguments) =>
        arguments.Contains("--")
            ? null
            : parsed.CommandResult.Children
                .OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .Select(token => token.Value)
                .FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal) && value.Length > 2);

    private static int ReportMisuse(ParseResult parsed, CommandContext context, string? problem = null)
    {
        Command command = parsed.CommandResult.Command;
        if (problem is null && parsed.Tokens.Count == 0)
            problem = "no command given";

        // "Required command was not provided" comes first, and says less than what was given instead.
        problem ??= InOurWords(parsed.Errors[^1].Message);
        string name = parsed.CommandResult.Parent is null ? "engine" : $"engine {command.Name}";
        ErrorReporting.Write(context.Error, $"{problem.TrimEnd('.')}; see {name} --help");
        return ExitCode.Usage;
    }

    /// <summary>The parser names .NET types; all typed options of this tool are numbers.</summary>
    private static string InOurWords(string message)
    {
        int type = message.IndexOf(" as expected type", StringComparison.Ordinal);
        return type < 0 ? message : message[..type] + ": give a number";
    }
}
