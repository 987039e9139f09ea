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
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<string?> from =
            new("--from") { HelpName = "KEY", Description = "Begin at the first key that is not below this one" };
        Option<string?> to = new("--to") { HelpName = "KEY", Description = "End before this key" };
        Option<string?> prefix = new("--prefix") { HelpName = "KEY", Description = "Only keys that begin with this" };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("Keys are given as hexadecimal digits");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "count", "Write how many entries there are, in a range or in all: at once in a counted tree")
        {
            file, from, to, prefix, tree, hex, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            bool isHex = parsed.GetValue(hex);
            byte[]? Key(Option<string?> option) =>
                parsed.GetValue(option) is { } text ? CommonSymbols.Bytes(text, isHex) : null;
            (byte[]? first, byte[]? end, byte[]? begin) = (Key(from), Key(to), Key(prefix));
            if (begin is not null && (first is not null || end is not null))
                throw new UsageException("give either --prefix or --from and --to");
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using ReadTransaction read = database.BeginRead();
            TreeReader reader = read[CommonSymbols.Resolve(database, CommonSymbols.TreeName(parsed, tree))];
            long count = begin is null && first is null && end is null ? reader.Count
                : begin is not null ? reader.Prefix(begin).Count()
                : TreeRanges.Between(reader, first, end).Count();
            context.Output.WriteLine(count.ToString(CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        });
        return command;
    }
}
