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
        Option<string?> tree = new("--tree") { HelpName = "NAME", Description = "Only this tree; without it all of them, \"\" is the default tree" };
        Option<bool> full = new("--full") { Description = "Measure the fill of large trees too, which reads all of their leaves" };
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        var command = new Command("stat", "Show what a database looks like: the file, the use of its pages, its trees") { file, tree, full, json };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed => Run(
            context, parsed.GetRequiredValue(file), parsed.GetValue(tree), parsed.GetValue(full), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string file, string? tree, bool full, bool json)
    {
        using Database database = DatabaseFiles.OpenForReading(file);
        StatReport report = StatReport.Collect(database, file, tree, full, context.Cancellation);
        if (json)
            report.WriteJson(context.Output);
        else
            report.WriteTo(context.Output);
        return ExitCode.Ok;
    }
}
