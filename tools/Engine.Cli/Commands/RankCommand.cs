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
          engine rank scores.db ada engine --tree tags
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> key = CommonSymbols.Key();
        Argument<string?> value = new("VALUE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Of a multi-valued tree: how many pairs are smaller than the pair of KEY and this value",
        };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("KEY and VALUE are given as hexadecimal digits");
        Option<string?> at = States.At();
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "rank",
            "Write how many keys of a counted tree are smaller than a key, whether or not it is there; pairs of one "
            + "that is multi-valued, too")
        {
            file, key, value, tree, hex, at, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            byte[] bytes = CommonSymbols.Bytes(parsed.GetRequiredValue(key), parsed.GetValue(hex));
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using Snapshot snapshot = States.Open(database, parsed.GetValue(at));
            using ReadTransaction read = snapshot.BeginRead();
            string? treeName = CommonSymbols.TreeName(parsed, tree);
            TreeReader reader = read[CommonSymbols.Resolve(database, treeName)];
            CountedTrees.Require(reader.GetStatistics(), treeName);
            byte[]? valueBytes =
                parsed.GetValue(value) is { } text ? CommonSymbols.Bytes(text, parsed.GetValue(hex)) : null;
            long rank;
            if (MultiValuedTrees.Is(reader.GetStatistics()))
            {
                MultiTreeReader pairs = read[database.GetMultiTree(treeName!)];
                rank = valueBytes is null ? pairs.Rank(bytes) : pairs.Rank(bytes, valueBytes);
            }
            else
            {
                if (valueBytes is not null)
                    MultiValuedTrees.Require(reader.GetStatistics(), treeName, "VALUE");
                rank = reader.Rank(bytes);
            }

            context.Output.WriteLine(rank.ToString(CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        });
        return command;
    }
}
