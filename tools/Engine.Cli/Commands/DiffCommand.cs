using System.CommandLine;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine diff FILE A [B]</c></summary>
internal static class DiffCommand
{
    private const string Examples = """
        Examples:
          engine diff shop.db monday                      since the snapshot "monday"
          engine diff shop.db monday tuesday --stat
          engine diff shop.db monday --tree orders --json
          engine diff old.db --file new.db --stat         two files, by reading both

        A line is + key, tab, value for what was added; - key, tab, value for what was removed; ~ key, tab, old value, tab, new value for what
        changed. What two states of a file share is not read. Exit code 1 if nothing differs.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string?> older = new("A")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The state before: a snapshot's name, or a transaction whose state is kept",
        };
        Argument<string?> newer = new("B")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The state after; without it the newest one",
        };
        Option<string?> other = CommonSymbols.PathOption(
            "--file", "FILE", "Compare with the newest state of this file, or with its state B, by reading both");
        Option<string?> tree = CommonSymbols.Tree();
        tree.Description = "Only this tree, its name written like a key";
        Option<bool> json = CommonSymbols.Json("Write JSON lines");
        Option<bool> stat = new("--stat") { Description = "Only count, a line for each tree" };
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("diff", "Write what changed between two states, or two files")
        {
            file, older, newer, other, tree, json, stat, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string? before = parsed.GetValue(older);
            string? only = CommonSymbols.TreeName(parsed, tree);
            bool isJson = parsed.GetValue(json);
            bool isCounting = parsed.GetValue(stat);
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using Snapshot first = States.Open(database, before);
            if (parsed.GetValue(other) is { } otherFile)
            {
                using Database second =
                    DatabaseFiles.OpenForReading(context, otherFile, parsed.GetValue(withoutLock));
                using Snapshot last = States.Open(second, parsed.GetValue(newer));
                return FileDifference.Write(context, (database, first), (second, last), only, isJson, isCounting)
                    ? ExitCode.Ok
                    : ExitCode.Absent;
            }

            if (before is null)
                throw new UsageException("give the state before: the name of a snapshot, or --file for another file");
            using Snapshot newest = States.Open(database, parsed.GetValue(newer));
            IEnumerable<ChangedTree> trees = newest.GetChangedTrees(first, includeInternal: only is not null)
                .Where(changed => only is null || changed.Name == only);
            return new ChangeWriter(context, isJson, isCounting).Write(first, newest, trees)
                ? ExitCode.Ok
                : ExitCode.Absent;
        });
        return command;
    }
}
