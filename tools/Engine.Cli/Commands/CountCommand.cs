using System.CommandLine;
using System.Globalization;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine count FILE</c></summary>
internal static class CountCommand
{
    private const string Examples = """
        Examples:
          engine count unicode.db
          engine count unicode.db --prefix 0003
          engine count scores.db --tree ranking --from 0100 --to 0200
          engine count scores.db --tree tags --key ada
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<string?> from =
            new("--from") { HelpName = "KEY", Description = "Begin at the first key that is not below this one" };
        Option<string?> to = new("--to") { HelpName = "KEY", Description = "End before this key" };
        Option<string?> prefix = new("--prefix") { HelpName = "KEY", Description = "Only keys that begin with this" };
        Option<string?> key = new("--key")
        {
            HelpName = "KEY",
            Description = "Only this key: how many values a multi-valued tree has of it",
        };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("Keys are given as hexadecimal digits");
        Option<string?> at = States.At();
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "count", "Write how many entries, or pairs, there are, in a range or in all: at once in a counted tree")
        {
            file, from, to, prefix, key, tree, hex, at, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            bool isHex = parsed.GetValue(hex);
            byte[]? Key(Option<string?> option) =>
                parsed.GetValue(option) is { } text ? CommonSymbols.Bytes(text, isHex) : null;
            (byte[]? first, byte[]? end, byte[]? begin, byte[]? only) = (Key(from), Key(to), Key(prefix), Key(key));
            if (only is not null && (begin is not null || first is not null || end is not null))
                throw new UsageException("give either --key, or --prefix, or --from and --to");
            if (begin is not null && (first is not null || end is not null))
                throw new UsageException("give either --prefix or --from and --to");
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using Snapshot snapshot = States.Open(database, parsed.GetValue(at));
            using ReadTransaction read = snapshot.BeginRead();
            string? treeName = CommonSymbols.TreeName(parsed, tree);
            TreeReader reader = read[CommonSymbols.Resolve(database, treeName)];
            long count;
            if (begin is null && first is null && end is null && only is null)
            {
                count = reader.Count;
            }
            else if (MultiValuedTrees.Is(reader.GetStatistics()))
            {
                MultiTreeReader pairs = read[database.GetMultiTree(treeName!)];
                count = only is not null ? pairs.CountValues(only)
                    : begin is not null ? pairs.Prefix(begin).Count()
                    : TreeRanges.Between(pairs, first, end).Count();
            }
            else
            {
                count = only is not null ? (reader.ContainsKey(only) ? 1 : 0)
                    : begin is not null ? reader.Prefix(begin).Count()
                    : TreeRanges.Between(reader, first, end).Count();
            }

            context.Output.WriteLine(count.ToString(CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        });
        return command;
    }
}
