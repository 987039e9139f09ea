using System.CommandLine;
using Engine.Cli.Completion;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary>
/// <c>engine complete -- WORD...</c>, which the scripts of <c>engine completion</c> start: a line for each candidate,
/// its name and, after a tab, what it is.
/// </summary>
internal static class CompleteCommand
{
    public static Command Create(CommandContext context, Command root)
    {
        Argument<string[]> words = new("WORD")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "What stands behind 'engine' up to the cursor; the last one is completed",
        };
        var command = new Command("complete", "List what may stand where the cursor is") { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (var candidate in Completions.Find(root, parsed.GetValue(words) ?? []))
            {
                context.Output.Write(candidate.Label);
                context.Output.Write('\t');
                context.Output.WriteLine(candidate.Documentation ?? candidate.Label);
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
