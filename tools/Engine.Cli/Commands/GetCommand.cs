using System.CommandLine;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine get FILE KEY</c></summary>
internal static class GetCommand
{
    private const string Examples = """
        Examples:
          engine get unicode.db 00E9
          engine get unicode.db 00E9 --json
          engine get scores.db ada --tree tags             all its values, one a line
          engine get images.db logo --raw > logo.png
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> key = CommonSymbols.Key();
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("KEY is given, and the value written, as hexadecimal digits");
        Option<bool> raw =
            new("--raw") { Description = "Write the value byte for byte, without a line feed behind it" };
        Option<bool> json = CommonSymbols.Json("Write {\"key\":…,\"value\":…}");
        Option<bool> asBytes = CommonSymbols.AsBytes();
        Option<string?> at = States.At();
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "get", "Write the value of a key, or all of them, one a line; exit code 1 if it is absent")
        {
            file, key, tree, hex, raw, json, asBytes, at, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            // A terminal may take bytes of a value for commands: it gets them with --raw only.
            EntryForm form = parsed.GetValue(json) ? EntryForm.Json
                : parsed.GetValue(hex) ? EntryForm.Hex
                : context.Output.IsTerminal && !parsed.GetValue(raw) ? EntryForm.Readable
                : EntryForm.Raw;
            byte[] bytes = CommonSymbols.Bytes(parsed.GetRequiredValue(key), parsed.GetValue(hex));
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            bool isShown = !parsed.GetValue(json) && !parsed.GetValue(hex) && !parsed.GetValue(raw)
                && !parsed.GetValue(asBytes);
            return Run(context, database, parsed.GetValue(at), bytes, CommonSymbols.TreeName(parsed, tree), form, isShown,
                lineFeed: !parsed.GetValue(raw));
        });
        return command;
    }

    private static int Run(
        CommandContext context,
        Database database,
        string? at,
        byte[] key,
        string? treeName,
        EntryForm form,
        bool isShown,
        bool lineFeed)
    {
        using Snapshot snapshot = States.Open(database, at);
        using ReadTransaction read = snapshot.BeginRead();
        Tree handle = CommonSymbols.Resolve(database, treeName);
        TreeReader tree = read[handle];
        var writer = new EntryWriter(context.Output, form)
        {
            Text = isShown ? TreeText.Of(TreeKind.Of(read, handle)) : null,
        };
        if (MultiValuedTrees.Is(tree.GetStatistics()))
            return RunPairs(context, read[database.GetMultiTree(treeName!)], key, writer, lineFeed);
        if (!tree.TryGet(key, out ReadOnlySpan<byte> value))
        {
            ErrorReporting.Write(context.Error, $"there is no key '{ReadableText.Format(key)}'");
            return ExitCode.Absent;
        }

        Write(writer, key, value);
        if (lineFeed && form != EntryForm.Json)
            context.Output.Write('\n');
        return ExitCode.Ok;
    }

    /// <summary>The line feed between two values is written in any case.</summary>
    private static int RunPairs(
        CommandContext context, MultiTreeReader tree, byte[] key, EntryWriter writer, bool lineFeed)
    {
        EntryForm form = writer.Form;
        bool isFirst = true;
        foreach (ReadOnlySpan<byte> value in tree.Values(key))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (!isFirst && form != EntryForm.Json)
                context.Output.Write('\n');
            Write(writer, key, value);
            isFirst = false;
        }

        if (isFirst)
        {
            ErrorReporting.Write(context.Error, $"there is no key '{ReadableText.Format(key)}'");
            return ExitCode.Absent;
        }

        if (lineFeed && form != EntryForm.Json)
            context.Output.Write('\n');
        return ExitCode.Ok;
    }

    private static void Write(EntryWriter writer, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (writer.Form == EntryForm.Json)
            writer.Write(key, value);
        else
            writer.WriteValue(value);
    }
}
