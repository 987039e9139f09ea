using System.CommandLine;
using System.CommandLine.Completions;

namespace Engine.Cli.Completion;

/// <summary>
/// What may stand where the cursor is in a line that is being typed: commands, options and the values of those that
/// have a list of them. For paths, names of trees and keys there is nothing, and the shell offers its files.
/// </summary>
internal static class Completions
{
    /// <summary>The candidates, in order, with what they are.</summary>
    /// <param name="root">The tool.</param>
    /// <param name="words">The words behind the tool's name; the last one is to be completed, and may be empty.</param>
    public static IReadOnlyList<CompletionItem> Find(Command root, IReadOnlyList<string> words)
    {
        var command = root;
        var given = new HashSet<Option>();
        Option? awaitsValue = null;
        bool onlyArguments = false;
        for (int i = 0; i < words.Count - 1; i++)
        {
            string word = words[i];
            if (awaitsValue is not null)
                awaitsValue = null;
            else if (onlyArguments)
                continue;
            else if (word == "--")
                onlyArguments = true;
            else if (FindOption(command, word) is { } option)
            {
                given.Add(option);
                awaitsValue = TakesValue(option) ? option : null;
            }
            else if (FindCommand(command, word) is { } subcommand)
                command = subcommand;
        }

        string start = words.Count == 0 ? "" : words[^1];
        IEnumerable<CompletionItem> candidates =
            awaitsValue is not null ? awaitsValue.GetCompletions(CompletionContext.Empty)
            : onlyArguments ? []
            : start.StartsWith('-') ? command.Options.Where(option => !option.Hidden && !given.Contains(option))
                .Select(static option => new CompletionItem(option.Name, documentation: option.Description))
            : command.Subcommands.Where(static subcommand => !subcommand.Hidden)
                .Select(static subcommand => new CompletionItem(subcommand.Name, documentation: subcommand.Description))
                .Concat(command.Arguments.SelectMany(static argument =>
                    argument.GetCompletions(CompletionContext.Empty)));
        return
        [
            .. candidates.Where(candidate => candidate.Label.StartsWith(start, StringComparison.Ordinal))
                .OrderBy(static candidate => candidate.Label, StringComparer.Ordinal),
        ];
    }

    private static Option? FindOption(Command command, string word) =>
        command.Options.FirstOrDefault(option => option.Name == word || option.Aliases.Contains(word));

    private static Command? FindCommand(Command command, string word) =>
        command.Subcommands.FirstOrDefault(subcommand => subcommand.Name == word);

    /// <summary>A switch may be given a value (<c>--json false</c>), which nobody does.</summary>
    private static bool TakesValue(Option option) =>
        option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0;
}
