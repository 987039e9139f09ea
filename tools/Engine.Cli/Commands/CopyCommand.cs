using System.CommandLine;
using System.Diagnostics;
using Engine.Cli.Inspection;
using Engine.Cli.Making;
using Engine.Cli.Reading;
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
            using InspectedFile source = InspectedFile.Open(from, parsed.GetValue(withoutLock), context);
            CheckSource(source);
            IntegrityReport report = Copy(context, source, made, parsed.GetValue(compact));
            var summary = new Summary(
                report,
                source.RequireMeta().Id,
                source.Length,
                new FileInfo(to).Length,
                Stopwatch.GetElapsedTime(start),
                parsed.GetValue(compact));
            if (parsed.GetValue(json))
                WriteJson(context.Output, summary);
            else
                WriteText(context.Output, summary, new Presentation { ExactSizes = parsed.GetValue(exact) });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Refuses a file that no open would take.</summary>
    internal static void CheckSource(InspectedFile source)
    {
        if ((source.Refusal ?? source.SuperblockProblem?.ToString()) is { } problem)
            throw new DatabaseCorruptException(
                $"'{source.Path}' cannot be copied ({problem}): engine check FILE --salvage OUT copies what can still "
                + "be read");
    }

    private static IntegrityReport Copy(CommandContext context, InspectedFile source, NewDatabase made, bool compact)
    {
        string title = $"copying {Path.GetFileName(source.Path)}";
        made.Fill(() =>
        {
            if (compact)
            {
                return context.Progress.Run(title, null, progress => CopyEntries(context, source, made, progress));
            }

            return CopyPages(context, title, source, made);
        });
        return made.Finish(context);
    }

    /// <summary>Copies page by page.</summary>
    /// <returns>How many pages.</returns>
    internal static long CopyPages(CommandContext context, string title, InspectedFile source, NewDatabase made)
    {
        var copy = new PlainCopy(source, context.Cancellation);
        return context.Progress.Run(
            title, (long)source.Geometry.PageCount,
            progress =>
            {
                copy.Write(made.PartialPath, progress);
                return (long)copy.Copied;
            },
            ProgressUnit.Pages);
    }

    private static long CopyEntries(
        CommandContext context, InspectedFile source, NewDatabase made, ProgressUpdate progress)
    {
        using TreeFiller filler =
            TreeFiller.Create(made.PartialPath, source.PageSize, cancellation: context.Cancellation);
        SoundTrees trees = SoundTrees.Of(source, context.Cancellation);
        long entries = 0;
        foreach (NamedRecord tree in trees.Trees)
        {
            if (tree.IsOfSnapshots)
                continue;
            filler.Enter(tree.Name, tree.Options, tree.Attributes);
            trees.Read(tree, (key, value) =>
            {
                filler.Put(key, value);
                if ((++entries & 0xFF) == 0)
                    progress(entries, entries);
            });
        }

        filler.SetDatabaseAttributes(trees.DatabaseAttributes);
        filler.Finish();
        return entries;
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
