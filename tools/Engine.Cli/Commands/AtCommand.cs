using System.CommandLine;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine at FILE INDEX</c></summary>
internal static class AtCommand
{
    private const string Examples = """
        Examples:
          engine at scores.db 0 --tree ranking
          engine at scores.db 99 --tree ranking --json
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<long> index = new("INDEX") { Description = "How many entries come before it: 0 for the first one" };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("Key and value are written as hexadecimal digits");
        Option<bool> raw = new("--raw") { Description = "Write the bytes as they are" };
        Option<bool> json = CommonSymbols.Json("Write {\"key\":…,\"value\":…}");
        Option<bool> asBytes = CommonSymbols.AsBytes();
        Option<string?> state = States.At();
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "at", "Write the entry of a counted tree that so many others come before; exit code 1 if there is none")
        {
            file, index, tree, hex, raw, json, asBytes, state, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            EntryForm form = parsed.GetValue(json) ? EntryForm.Json
                : parsed.GetValue(raw) ? EntryForm.Raw
                : parsed.GetValue(hex) ? EntryForm.Hex
                : EntryForm.Readable;
            long at = parsed.GetRequiredValue(index);
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using Snapshot snapshot = States.Open(database, parsed.GetValue(state));
            using ReadTransaction read = snapshot.BeginRead();
            string? treeName = CommonSymbols.TreeName(parsed, tree);
            Tree handle = CommonSymbols.Resolve(database, treeName);
            TreeReader reader = read[handle];
            CountedTrees.Require(reader.GetStatistics(), treeName);
            bool isFound = MultiValuedTrees.Is(reader.GetStatistics())
                ? read[database.GetMultiTree(treeName!)].TryGetAt(at, out Entry entry)
                : reader.TryGetAt(at, out entry);
            if (!isFound)
            {
                string count = Human.Count(reader.Count, "entry", "entries");
                ErrorReporting.Write(context.Error, $"there is no entry {at}: the tree has {count}");
                return ExitCode.Absent;
            }

            bool isShown = form == EntryForm.Readable && !parsed.GetValue(asBytes);
            var writer = new EntryWriter(context.Output, form)
            {
                Text = isShown ? TreeText.Of(TreeKind.Of(read, handle)) : null,
            };
            writer.Write(entry.Key, entry.Value);
            return ExitCode.Ok;
        });
        return command;
    }
}
