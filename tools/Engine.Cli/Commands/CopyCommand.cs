using System.CommandLine;
using System.Diagnostics;
using Engine.Cli.Making;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine copy FILE DEST</c></summary>
internal static class CopyCommand
{
    private const string Examples = """
        Examples:
          engine copy scores.db /backup/scores-2026-07-01.db
          engine copy scores.db smaller.db --compact

        Copies one state, while others go on reading and writing: the copy is pinned like a reader. DEST appears when it is complete, checked
        from end to end and on disk; after an error or Ctrl-C nothing is left of it. A copy keeps the page numbers, and its free pages are holes.
        With --compact the trees are written anew in the order of their keys: full pages, hardly any free. The copy has a file id of its own.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> destination = CommonSymbols.Path("DEST", "The copy; must not exist");
        Option<bool> compact = new("--compact") { Description = "Write the trees anew, into full pages" };
        Option<bool> exact = new("--bytes") { Description = "Show sizes in bytes" };
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("copy", "Copy a database while it is in use, checked")
        {
            file, destination, compact, exact, json, withoutLock
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            long start = Stopwatch.GetTimestamp();
            string from = parsed.GetRequiredValue(file);
            string to = parsed.GetRequiredValue(destination);
            DatabaseFiles.RefuseLockFile(from, to);
            using NewDatabase made = NewDatabase.At(to);
            using Database source = DatabaseFiles.OpenForReading(context, from, parsed.GetValue(withoutLock));
            bool isCompact = parsed.GetValue(compact);
            ulong transaction = made.Fill(() => Copy(context, source, made.PartialPath, isCompact));
            var summary = new Summary(
                made.Finish(context, source.Core.LockFile.HasLiveWriter),
                transaction,
                source.Core.File.Length,
                new FileInfo(to).Length,
                Stopwatch.GetElapsedTime(start),
                isCompact);
            if (parsed.GetValue(json))
                WriteJson(context.Output, summary);
            else
                WriteText(context.Output, summary, new Presentation { ExactSizes = parsed.GetValue(exact) });
            return ExitCode.Ok;
        });
        return command;
    }

    private static ulong Copy(CommandContext context, Database source, string path, bool isCompact)
    {
        try
        {
            return context.Progress.Run(
                $"copying {Path.GetFileName(source.Path)}",
                isCompact ? null : (long)source.Core.Published.PageCount,
                progress => source.WriteCopy(path, isCompact, progress.Invoke, context.Cancellation),
                isCompact ? ProgressUnit.Entries : ProgressUnit.Pages);
        }
        catch (DatabaseCorruptException exception)
        {
            throw new DatabaseCorruptException(
                $"'{source.Path}' cannot be copied ({exception.Message}): engine check FILE --salvage OUT copies what "
                + "can still be read",
                exception);
        }
    }

    private static void WriteText(Output output, Summary summary, Presentation show)
    {
        IntegrityReport report = summary.Report;
        string free = report.FreePages == 0 ? "" : $", {Human.Count(report.FreePages)} of them free";
        output.WriteLine(
            $"copied transaction {summary.Transaction} in {Human.Seconds(summary.Time)}: "
            + $"{Human.Count(report.Trees, "tree", "trees")}, {Human.Count(report.Entries, "entry", "entries")}, "
            + $"{Human.Count(report.PageCount, "page", "pages")}{free}; checked: ok");
        output.WriteLine($"file {show.Size(summary.SourceBytes)} -> {show.Size(summary.CopyBytes)}");
    }

    private static void WriteJson(Output output, Summary summary) => JsonReport.Write(output, json =>
    {
        json.WriteBoolean("compact", summary.IsCompact);
        json.WriteNumber("transaction", summary.Transaction);
        json.WriteNumber("trees", summary.Report.Trees);
        json.WriteNumber("entries", summary.Report.Entries);
        json.WriteNumber("pageCount", summary.Report.PageCount);
        json.WriteNumber("freePages", summary.Report.FreePages);
        json.WriteNumber("sourceBytes", summary.SourceBytes);
        json.WriteNumber("fileBytes", summary.CopyBytes);
        json.WriteNumber("seconds", Math.Round(summary.Time.TotalSeconds, 6));
    });

    private sealed record Summary(
        IntegrityReport Report, ulong Transaction, long SourceBytes, long CopyBytes, TimeSpan Time, bool IsCompact);
}
