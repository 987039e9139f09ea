using System.CommandLine;
using System.Globalization;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine changes FILE</c></summary>
internal static class ChangesCommand
{
    private const string Examples = """
        Examples:
          engine changes shop.db --follow                     what is committed from now on, until Ctrl-C
          engine changes shop.db --follow --after monday      first what changed since the snapshot "monday"
          engine changes shop.db --after monday --json        that, and no more

        Each state is told when it is durable, with its difference to the one before, as engine diff writes it. Who is slower than the writers
        gets several commits at once.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<bool> follow = new("--follow") { Description = "Go on with what is committed, until Ctrl-C" };
        Option<string?> after = new("--after")
        {
            HelpName = "NAME",
            Description = "Begin with what changed since a snapshot; without it with what is committed from now on",
        };
        Option<int?> limit = new("--limit") { HelpName = "N", Description = "Stop after N states" };
        Option<bool> json = CommonSymbols.Json("Write JSON lines");
        Option<bool> stat = new("--stat") { Description = "Only count, a line for each tree" };
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("changes", "Write what is committed, while it is")
        {
            file, follow, after, limit, json, stat, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string? since = parsed.GetValue(after);
            bool isFollowing = parsed.GetValue(follow);
            int left = parsed.GetValue(limit) ?? int.MaxValue;
            if (left < 0)
                throw new UsageException("--limit cannot be negative");
            if (!isFollowing && since is null)
                throw new UsageException("give --follow, or --after to see what changed since a snapshot");
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using Snapshot start = States.Open(database, since);
            var writer = new ChangeWriter(context, parsed.GetValue(json), parsed.GetValue(stat));
            if (isFollowing)
            {
                Follow(context, database, start, writer, parsed.GetValue(json), left)
                    .GetAwaiter().GetResult();
            }
            else if (left > 0)
            {
                using Snapshot newest = database.OpenSnapshot();
                WriteState(context.Output, start, newest, parsed.GetValue(json));
                writer.Write(start, newest, newest.GetChangedTrees(start));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task Follow(
        CommandContext context, Database database, Snapshot start, ChangeWriter writer, bool isJson, int left)
    {
        if (left == 0)
            return;
        await foreach (StateChange change in database.Changes(start, context.Cancellation).ConfigureAwait(false))
        {
            WriteState(context.Output, change.Older, change.Newer, isJson);
            writer.Write(change.Older, change.Newer, change.Trees);
            context.Output.Flush();
            if (--left == 0)
                return;
        }
    }

    private static void WriteState(Output output, Snapshot older, Snapshot newer, bool isJson)
    {
        (string from, string to) = (Number(older.TransactionId), Number(newer.TransactionId));
        output.WriteLine(
            isJson ? $"{{\"after\":{from},\"transaction\":{to}}}" : $"transaction {to}, after {from}");
    }

    private static string Number(ulong id) => id.ToString(CultureInfo.InvariantCulture);
}
