using System.CommandLine;
using System.Diagnostics;
using Engine.Cli.Backups;
using Engine.Cli.Making;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine backup FILE OUT</c></summary>
internal static class BackupCommand
{
    private const string StandardOutput = "-";

    private const string Examples = """
        Examples:
          engine backup scores.db full.backup --compress brotli
          engine backup scores.db sunday.backup --name sunday
          engine backup scores.db monday.backup --since sunday --name monday
          engine backup scores.db - | ssh host 'cat > full.backup'

        Writes one state, pinned like a reader, while others go on reading and writing. Every page is verified while it is read. OUT appears
        when it is complete and on disk; after an error or Ctrl-C nothing is left of it. With - for OUT it goes to standard output.
        --name names the state when its backup is complete, and the database keeps it until the name is deleted; --since takes such a state
        for the base: only what was written after it is in OUT.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> made = CommonSymbols.Path("OUT", "The backup; must not exist. - for standard output");
        Option<string?> compress = new("--compress")
        {
            HelpName = "brotli|zlib|none",
            Description = "How to compress; without it not at all",
        };
        compress.AcceptOnlyFromAmong("brotli", "zlib", "none");
        Option<long?> rate = new("--rate")
        {
            HelpName = "BYTES",
            Description = "Write no more than so many bytes a second",
        };
        Option<string?> since = new("--since")
        {
            HelpName = "NAME",
            Description = "Only what was written after the named snapshot, the base",
        };
        Option<string?> name = new("--name")
        {
            HelpName = "NAME",
            Description = "Name the state, as the base of the next backup; opens FILE for writing",
        };
        Option<bool> exact = new("--bytes") { Description = "Show sizes in bytes" };
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("backup", "Back up a database while it is in use, whole or what is new")
        {
            file, made, since, name, compress, rate, exact, json, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            long start = Stopwatch.GetTimestamp();
            string path = parsed.GetRequiredValue(made);
            if (parsed.GetValue(rate) is <= 0)
                throw new UsageException("--rate is a number of bytes a second, at least 1");
            if (path == StandardOutput && parsed.GetValue(json))
                throw new UsageException("--json goes to standard output, where the backup goes: give a file for OUT");
            if (path == StandardOutput && context.Output.IsTerminal)
                throw new UsageException("a backup is nothing for a terminal: give a file for OUT, or redirect it");
            string? stateName = parsed.GetValue(name) is { } typed ? States.Parse(typed) : null;
            if (stateName is not null && parsed.GetValue(withoutLock))
                throw new UsageException("--name writes to FILE, which needs the lock file: leave --without-lock out");
            DatabaseFiles.RefuseLockFile(parsed.GetRequiredValue(file), path);
            using NewFile? target = path == StandardOutput ? null : NewFile.At(path);
            using Database database = stateName is null
                ? DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock))
                : DatabaseFiles.OpenForChanging(context, parsed.GetRequiredValue(file));
            using Snapshot? baseState = parsed.GetValue(since) is { } wanted
                ? States.Open(database, wanted)
                : null;
            RequireFree(database, stateName);
            using Snapshot snapshot = database.OpenSnapshot();
            BackupInfo info = BackUp(
                context,
                database,
                snapshot,
                baseState,
                target?.Stream ?? new OutputStream(context.Output),
                Compression(parsed.GetValue(compress)),
                parsed.GetValue(rate));
            target?.Finish();

            // Only now: a name whose backup failed would keep pages for nothing.
            if (stateName is not null)
                database.CreateSnapshot(stateName, snapshot);
            if (target is not null)
            {
                Write(
                    context.Output, info, Stopwatch.GetElapsedTime(start), parsed.GetValue(json),
                    new Presentation { ExactSizes = parsed.GetValue(exact) });
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static BackupInfo BackUp(
        CommandContext context,
        Database database,
        Snapshot snapshot,
        Snapshot? since,
        Stream target,
        BackupCompression compression,
        long? rate) => context.Progress.Run(
            $"backing up {Path.GetFileName(database.Path)}",
            null,
            progress => snapshot.BackUp(
                target,
                new BackupOptions
                {
                    Since = since,
                    Compression = compression,
                    BytesPerSecond = rate,
                    Progress = BackupReports.Progress(progress),
                },
                context.Cancellation),
            ProgressUnit.Pages);

    /// <summary>Refuses a name that is taken before anything is written.</summary>
    private static void RequireFree(Database database, string? name)
    {
        if (name is null || !database.TryOpenSnapshot(name, out Snapshot? taken))
            return;
        taken.Dispose();
        throw new UsageException($"--name: there is a snapshot '{States.Label(name)}' already: give another name");
    }

    private static BackupCompression Compression(string? name) => name switch
    {
        "brotli" => BackupCompression.Brotli,
        "zlib" => BackupCompression.ZLib,
        _ => BackupCompression.None,
    };

    private static void Write(Output output, BackupInfo info, TimeSpan time, bool asJson, Presentation show)
    {
        if (!asJson)
        {
            output.WriteLine($"backed up in {Human.Seconds(time)}: {BackupReports.Describe(info, show)}");
            return;
        }

        JsonReport.Write(output, json =>
        {
            BackupReports.WriteFields(json, info);
            json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 6));
        });
    }
}
