using System.CommandLine;
using System.Globalization;
using System.Text;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine snapshot create|list|rename|delete|rollback FILE</c></summary>
internal static class SnapshotCommand
{
    private const string Examples = """
        Examples:
          engine snapshot create shop.db "before the import"
          engine snapshot list shop.db
          engine get shop.db alice --at "before the import"
          engine diff shop.db "before the import"
          engine snapshot rollback shop.db "before the import"
          engine snapshot delete shop.db "before the import"

        A named snapshot keeps a state until it is deleted: its pages are not reused meanwhile. Rolling back is a new commit, which makes all
        trees what they were; snapshots and sequences stay as they are.
        """;

    public static Command Create(CommandContext context)
    {
        var command = new Command("snapshot", "Name states of the database, list them, roll back to one")
        {
            CreateOne(context), List(context), Rename(context), Delete(context), RollBack(context),
        };
        HelpWithExamples.AddTo(command, Examples);
        return command;
    }

    private static Argument<string> Name(string name = "NAME", string description = "The snapshot's name") =>
        new(name) { Description = description + "; any byte may be written as \\hh" };

    private static Command CreateOne(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> name = Name();
        var command = new Command("create", "Name the newest state") { file, name };
        command.SetAction(parsed =>
        {
            string snapshot = States.Parse(parsed.GetRequiredValue(name));
            using Database database = DatabaseFiles.OpenForChanging(context, parsed.GetRequiredValue(file));
            ulong id = database.CreateSnapshot(snapshot);
            context.Output.WriteLine($"'{States.Label(snapshot)}' is the state of transaction {id}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<bool> exact = new("--bytes") { Description = "Show sizes in bytes" };
        Option<bool> json = CommonSymbols.Json("Write JSON lines");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("list", "List the named snapshots, and what each keeps alone")
        {
            file, exact, json, withoutLock,
        };
        command.SetAction(parsed =>
        {
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            IReadOnlyList<SnapshotUsage> snapshots = database.MeasureSnapshots();
            if (parsed.GetValue(json))
                WriteJson(context.Output, snapshots);
            else
                WriteText(context.Output, snapshots, new Presentation { ExactSizes = parsed.GetValue(exact) });
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Rename(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> from = Name();
        Argument<string> to = Name("NEW-NAME", "The name that it is to have");
        var command = new Command("rename", "Give a snapshot another name") { file, from, to };
        command.SetAction(parsed =>
        {
            string name = States.Parse(parsed.GetRequiredValue(from));
            string newName = States.Parse(parsed.GetRequiredValue(to));
            using Database database = DatabaseFiles.OpenForChanging(context, parsed.GetRequiredValue(file));
            database.RenameSnapshot(name, newName);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Delete(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> name = Name();
        var command = new Command("delete", "Delete a snapshot, or a consumer of changes; exit code 1 if there is none")
        {
            file, name,
        };
        command.SetAction(parsed =>
        {
            string snapshot = States.Parse(parsed.GetRequiredValue(name));
            using Database database = DatabaseFiles.OpenForChanging(context, parsed.GetRequiredValue(file));
            if (database.DeleteSnapshot(snapshot))
                return ExitCode.Ok;
            ErrorReporting.Write(context.Error, $"there is no snapshot '{States.Label(snapshot)}'");
            return ExitCode.Absent;
        });
        return command;
    }

    private static Command RollBack(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> name = Name();
        Option<string?> keep = new("--keep")
        {
            HelpName = "NEW-NAME",
            Description = "Name the state before the rollback, in the same commit",
        };
        var command = new Command("rollback", "Make all trees what they are in a snapshot, by a new commit")
        {
            file, name, keep,
        };
        command.SetAction(parsed =>
        {
            string snapshotName = States.Parse(parsed.GetRequiredValue(name));
            string? kept = parsed.GetValue(keep) is { } typed ? States.Parse(typed) : null;
            using Database database = DatabaseFiles.OpenForChanging(context, parsed.GetRequiredValue(file));
            using Snapshot snapshot = States.Open(database, parsed.GetRequiredValue(name));
            using WriteTransaction transaction = database.BeginWrite();
            using Snapshot before = database.OpenSnapshot();
            if (kept is not null)
                transaction.CreateSnapshot(kept, before);
            transaction.RollBackTo(snapshot);
            ulong id = transaction.Commit();
            context.Output.WriteLine(
                $"transaction {id} has the trees of '{States.Label(snapshotName)}', transaction "
                + $"{snapshot.TransactionId}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteText(Output output, IReadOnlyList<SnapshotUsage> snapshots, Presentation show)
    {
        if (snapshots.Count == 0)
            return;
        var table = new TextTable(null, "name", ">transaction", "time", "kind", ">pages alone", ">size");
        foreach ((SnapshotInfo snapshot, long pages, long bytes) in snapshots)
        {
            table.Add(
                States.Label(snapshot.Name),
                Number(snapshot.TransactionId),
                Time(snapshot),
                Kind(snapshot),
                Human.Count(pages),
                show.Size(bytes));
        }

        table.WriteTo(output);
    }

    private static void WriteJson(Output output, IReadOnlyList<SnapshotUsage> snapshots)
    {
        foreach ((SnapshotInfo snapshot, long pages, long bytes) in snapshots)
        {
            output.Write("{\"name\":");
            JsonText.WriteString(output, Encoding.UTF8.GetBytes(snapshot.Name));
            output.WriteLine(
                $",\"transaction\":{Number(snapshot.TransactionId)},\"time\":\"{Time(snapshot)}\","
                + $"\"kind\":\"{Kind(snapshot)}\",\"pagesAlone\":{Number((ulong)pages)},"
                + $"\"bytesAlone\":{Number((ulong)bytes)}}}");
        }
    }

    private static string Time(SnapshotInfo snapshot) =>
        snapshot.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Kind(SnapshotInfo snapshot) =>
        snapshot.Kind == SnapshotKind.Consumer ? "consumer" : "snapshot";

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
