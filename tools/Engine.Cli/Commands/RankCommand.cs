using System.CommandLine;
using System.Globalization;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine rank FILE KEY</c></summary>
internal static class RankCommand
{
    private const string Examples = """
        Examples:
          engine rank scores.db 0042 --tree ranking
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> key = CommonSymbols.Key();
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("KEY is given as hexadecimal digits");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "rank", "Write how many keys of a counted tree are smaller than a key, whether or not it is there")
        {
            file, key, tree, hex, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            byte[] bytes = CommonSymbols.Bytes(parsed.GetRequiredValue(key), parsed.GetValue(hex));
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using ReadTransaction read = database.BeginRead();
            string? treeName = CommonSymbols.TreeName(parsed, tree);
            TreeReader reader = read[CommonSymbols.Resolve(database, treeName)];
            CountedTrees.Require(reader.GetStatistics(), treeName);
            context.Output.WriteLine(reader.Rank(bytes).ToString(CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        });
        return command;
    }
}
