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
          engine backup scores.db - | ssh host 'cat > full.backup'

        Writes one state, pinned like a reader, while others go on reading and writing. Every page is verified while it is read. OUT appears
        when it is complete and on disk; after an error or Ctrl-C nothing is left of it. With - for OUT it goes to standard output.
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
        Option<bool> exact = new("--bytes") { Description = "Show sizes in bytes" };
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("backup", "Back up a database while it is in use, whole or what is new")
        {
            file, made, compress, rate, exact, json, withoutLock,
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
            using NewFile? target = path == StandardOutput ? null : NewFile.At(path);
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            using Snapshot snapshot = database.OpenSnapshot();
            BackupInfo info = BackUp(
                context,
                database,
                snapshot,
                target?.Stream ?? new OutputStream(context.Output),
                Compression(parsed.GetValue(compress)),
                parsed.GetValue(rate));
            target?.Finish();
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
        Stream target,
        BackupCompression compression,
        long? rate) => context.Progress.Run(
            $"backing up {Path.GetFileName(database.Path)}",
            null,
            progress => snapshot.BackUp(
                target,
                new BackupOptions
                {
                    Compression = compression,
                    BytesPerSecond = rate,
                    Progress = BackupReports.Progress(progress),
                },
                context.Cancellation),
            ProgressUnit.Pages);

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
