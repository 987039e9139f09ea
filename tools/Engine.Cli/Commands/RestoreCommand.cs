using System.CommandLine;
using System.Diagnostics;
using Engine.Cli.Backups;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine restore BACKUP... DEST</c></summary>
internal static class RestoreCommand
{
    private const string StandardInput = "-";

    private const string Examples = """
        Examples:
          engine restore full.backup restored.db
          engine restore full.backup monday.backup tuesday.backup restored.db
          ssh host 'cat full.backup' | engine restore - restored.db

        Makes a new database of a full backup and those that build on it, oldest first: the state of the last one. With fewer of them, an
        earlier state. DEST appears when it is complete, checked from end to end and on disk; after an error or Ctrl-C nothing is left of it.
        It has a file id of its own, so its next backup is a full one. With - for the only BACKUP it is read from standard input.
        """;

    public static Command Create(CommandContext context)
    {
        var paths = new Argument<string[]>("BACKUP... DEST")
        {
            Arity = new ArgumentArity(2, 100_000),
            Description = "The backups, oldest first, then the new database, which must not exist",
        };
        paths.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError("a path is empty: give the backups and the path of the new database");
        });
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        var command = new Command("restore", "Make a new database of backups, checked")
        {
            paths, json,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            long start = Stopwatch.GetTimestamp();
            string[] all = parsed.GetRequiredValue(paths);
            string destination = all[^1];
            if (destination == StandardInput)
                throw new UsageException("- is no place for a database: give the path of a new file last");
            if (Path.Exists(destination))
                throw new UsageException($"'{destination}' exists: give the path of a new file");
            string[] backups = all[..^1];
            if (backups.Length > 1 && backups.Contains(StandardInput))
                throw new UsageException("- stands for the only BACKUP: give files for several");
            RestoreReport report = context.Progress.Run(
                $"restoring {Path.GetFileName(destination)}",
                null,
                progress =>
                {
                    var options = new RestoreOptions
                    {
                        MaxDegreeOfParallelism = CheckThreads.Choose(hasWriter: false),
                        Progress = BackupReports.Progress(progress),
                    };
                    return backups is [StandardInput]
                        ? Backup.Restore([context.Input], destination, options, context.Cancellation)
                        : Backup.Restore(backups, destination, options, context.Cancellation);
                },
                ProgressUnit.Pages);
            Write(context.Output, report, Stopwatch.GetElapsedTime(start), parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Output output, RestoreReport report, TimeSpan time, bool asJson)
    {
        if (!asJson)
        {
            string free = report.FreePages == 0 ? "" : $", {Human.Count(report.FreePages)} of them free";
            output.WriteLine(
                $"restored transaction {report.TransactionId} from "
                + $"{Human.Count(report.Links.Count, "backup", "backups")} in {Human.Seconds(time)}: "
                + $"{Human.Count(report.Trees, "tree", "trees")}, "
                + $"{Human.Count(report.Entries, "entry", "entries")}, "
                + $"{Human.Count(report.PageCount, "page", "pages")}{free}; checked: ok");
            return;
        }

        JsonReport.Write(output, json =>
        {
            json.WriteString("fileId", report.FileId);
            json.WriteNumber("transaction", report.TransactionId);
            json.WriteNumber("trees", report.Trees);
            json.WriteNumber("entries", report.Entries);
            json.WriteNumber("pageCount", report.PageCount);
            json.WriteNumber("freePages", report.FreePages);
            JsonReport.WriteObjects(
                json, "backups", report.Links, info => BackupReports.WriteFields(json, info));
            json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 6));
        });
    }
}
