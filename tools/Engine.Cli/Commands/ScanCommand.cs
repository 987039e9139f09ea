using System.CommandLine;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine scan FILE</c></summary>
internal static class ScanCommand
{
    private const string Examples = """
        Examples:
          engine scan unicode.db --prefix 0003 --limit 5
          engine scan unicode.db --from 000041 --to 00005B --keys-only
          engine scan unicode.db --reverse --limit 1 --json
          engine scan old.db --json | engine load new.db - --format jsonl

        A line is key, tab, value. Text stays readable; other bytes are written as \hh (--raw: as they are). Typed keys and values are shown as
        what they mean, which load does not read: --as-bytes or --json for that.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<string?> from =
            new("--from") { HelpName = "KEY", Description = "Begin at the first key that is not below this one" };
        Option<string?> to = new("--to") { HelpName = "KEY", Description = "End before this key" };
        Option<string?> prefix = new("--prefix") { HelpName = "KEY", Description = "Only keys that begin with this" };
        Option<bool> reverse = new("--reverse") { Description = "From the last entry of the range to the first" };
        Option<long?> limit = new("--limit") { HelpName = "N", Description = "Stop after N entries" };
        Option<bool> keysOnly = new("--keys-only") { Description = "Leave the values out; each key comes once" };
        Option<string?> tree = CommonSymbols.Tree();
        Option<bool> hex = CommonSymbols.Hex("Keys and values are given and written as hexadecimal digits");
        Option<bool> raw = new("--raw") { Description = "Write the bytes as they are" };
        Option<bool> json = CommonSymbols.Json("Write one JSON object a line, which load reads back exactly");
        Option<bool> asBytes = CommonSymbols.AsBytes();
        Option<string?> at = States.At();
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("scan", "Write the entries, or pairs, in the order of their keys")
        {
            file, from, to, prefix, reverse, limit, keysOnly, tree, hex, raw, json, asBytes, at, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            bool isHex = parsed.GetValue(hex);
            byte[]? Key(Option<string?> option) =>
                parsed.GetValue(option) is { } text ? CommonSymbols.Bytes(text, isHex) : null;
            var request = new Request(
                CommonSymbols.TreeName(parsed, tree), Key(from), Key(to), Key(prefix), parsed.GetValue(reverse),
                    parsed.GetValue(limit) ?? long.MaxValue);
            if (request.Prefix is not null && (request.From is not null || request.To is not null))
                throw new UsageException("give either --prefix or --from and --to");
            if (request.Limit < 0)
                throw new UsageException("--limit cannot be negative");
            EntryForm form = parsed.GetValue(json) ? EntryForm.Json
                : parsed.GetValue(raw) ? EntryForm.Raw
                : isHex ? EntryForm.Hex
                : EntryForm.Readable;
            var writer = new EntryWriter(context.Output, form, parsed.GetValue(keysOnly));
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            bool isShown = form == EntryForm.Readable && !parsed.GetValue(asBytes);
            Run(context, database, parsed.GetValue(at), request, writer, isShown);
            if (form is EntryForm.Json or EntryForm.Readable)
                EntryWriter.WarnOfLongLines(context, writer.LongLines);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Run(
        CommandContext context,
        Database database,
        string? at,
        Request request,
        EntryWriter writer,
        bool isShown)
    {
        using Snapshot snapshot = States.Open(database, at);
        using ReadTransaction read = snapshot.BeginRead();
        Tree handle = CommonSymbols.Resolve(database, request.Tree);
        TreeReader tree = read[handle];
        if (isShown)
            writer.Text = TreeText.Of(TreeKind.Of(read, handle));
        if (MultiValuedTrees.Is(tree.GetStatistics()))
        {
            RunPairs(read[database.GetMultiTree(request.Tree!)], request, writer, context.Cancellation);
            return;
        }

        TreeRange range = request.Prefix is not null
            ? tree.Prefix(request.Prefix)
            : TreeRanges.Between(tree, request.From, request.To);
        if (request.Reverse)
            WriteReverse(range.Reverse(), request.Limit, writer, context.Cancellation);
        else
            WriteForward(range, request.Limit, writer, context.Cancellation);
    }

    private static void WriteForward(TreeRange range, long limit, EntryWriter writer, CancellationToken cancellation)
    {
        TreeRange.Enumerator entries = range.GetEnumerator();
        for (; limit > 0 && entries.MoveNext(); limit--)
        {
            cancellation.ThrowIfCancellationRequested();
            if (writer.KeysOnly)
            {
                // Without the value, which may be long and cold.
                writer.WriteKey(entries.CurrentKey);
            }
            else
            {
                Entry entry = entries.Current;
                writer.Write(entry.Key, entry.Value);
            }
        }
    }

    private static void WriteReverse(
        ReverseTreeRange range, long limit, EntryWriter writer, CancellationToken cancellation)
    {
        ReverseTreeRange.Enumerator entries = range.GetEnumerator();
        for (; limit > 0 && entries.MoveNext(); limit--)
        {
            cancellation.ThrowIfCancellationRequested();
            Entry entry = entries.Current;
            writer.Write(entry.Key, entry.Value);
        }
    }

    private static void RunPairs(
        MultiTreeReader tree, Request request, EntryWriter writer, CancellationToken cancellation)
    {
        if (writer.KeysOnly)
        {
            MultiTreeKeyRange keys = request.Prefix is not null
                ? TreeRanges.KeysOfPrefix(tree, request.Prefix)
                : TreeRanges.KeysBetween(tree, request.From, request.To);
            WriteKeys(keys, request, writer, cancellation);
            return;
        }

        MultiTreeRange range = request.Prefix is not null
            ? tree.Prefix(request.Prefix)
            : TreeRanges.Between(tree, request.From, request.To);
        long left = request.Limit;
        if (request.Reverse)
        {
            ReverseMultiTreeRange.Enumerator pairs = range.Reverse().GetEnumerator();
            for (; left > 0 && pairs.MoveNext(); left--)
                WritePair(pairs.Current, writer, cancellation);
        }
        else
        {
            MultiTreeRange.Enumerator pairs = range.GetEnumerator();
            for (; left > 0 && pairs.MoveNext(); left--)
                WritePair(pairs.Current, writer, cancellation);
        }
    }

    private static void WriteKeys(
        MultiTreeKeyRange range, Request request, EntryWriter writer, CancellationToken cancellation)
    {
        long left = request.Limit;
        if (request.Reverse)
        {
            ReverseMultiTreeKeyRange.Enumerator keys = range.Reverse().GetEnumerator();
            for (; left > 0 && keys.MoveNext(); left--)
                WriteKey(keys.Current, writer, cancellation);
        }
        else
        {
            MultiTreeKeyRange.Enumerator keys = range.GetEnumerator();
            for (; left > 0 && keys.MoveNext(); left--)
                WriteKey(keys.Current, writer, cancellation);
        }
    }

    private static void WritePair(Entry pair, EntryWriter writer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        writer.Write(pair.Key, pair.Value);
    }

    private static void WriteKey(ReadOnlySpan<byte> key, EntryWriter writer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        writer.WriteKey(key);
    }

    private sealed record Request(string? Tree, byte[]? From, byte[]? To, byte[]? Prefix, bool Reverse, long Limit);
}
