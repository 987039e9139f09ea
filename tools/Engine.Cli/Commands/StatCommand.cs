using System.CommandLine;
using Engine.Cli.Shared;
using Engine.Cli.Statistics;

namespace Engine.Cli.Commands;

/// <summary><c>engine stat FILE</c></summary>
internal static class StatCommand
{
    private const string Examples = """
        Examples:
          engine stat unicode.db
          engine stat unicode.db --json
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<string?> tree =
            new("--tree")
            {
                HelpName = "NAME",
                Description = "Only this tree; without it all of them, (default) is the default tree"
            };
        Option<bool> full =
            new("--full") { Description = "Measure the fill of large trees too, which reads all of their leaves" };
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("stat", "Show what a database looks like: the file, the use of its pages, its trees")
        {
            file, tree, full, json, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            using Database database = DatabaseFiles.OpenForReading(context, path, parsed.GetValue(withoutLock));
            StatReport report = StatReport.Collect(database, path, CommonSymbols.TreeName(parsed, tree),
                parsed.GetValue(full), context.Cancellation);
            return Run(context, report, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(CommandContext context, StatReport report, bool json)
    {
        if (json)
            report.WriteJson(context.Output);
        else
            report.WriteTo(context.Output);
        if (report.Damage is null)
            return ExitCode.Ok;

        // The rest of the report is worth having, so it comes first.
        context.Output.Flush();
        ErrorReporting.Write(context.Error, report.Damage);
        return ExitCode.Absent;
    }
}
