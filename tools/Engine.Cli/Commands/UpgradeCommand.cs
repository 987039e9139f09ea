using System.CommandLine;
using System.Diagnostics;
using Engine.Cli.Inspection;
using Engine.Cli.Making;
using Engine.Cli.Shared;
using Engine.Copies;
using Engine.Integrity;

namespace Engine.Cli.Commands;

/// <summary><c>engine upgrade FILE NEW</c></summary>
internal static class UpgradeCommand
{
    private const string Examples = """
        Examples:
          engine upgrade scores.db scores-3.db

        Copies a database of format version 2, which opens read-only, into one of version 3, which opens for writing. (One of version 3 is copied
        as well.) FILE stays as it is, and may be read meanwhile. NEW appears when it is complete, checked from end to end and on disk; after an
        error or Ctrl-C nothing is left of it. The pages keep their numbers; the copy has a file id of its own.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> made = CommonSymbols.Path("NEW", "The new file; must not exist");
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("upgrade", "Copy a database of an older format into one of this version, checked")
        {
            file, made, json, withoutLock
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            long start = Stopwatch.GetTimestamp();
            using NewDatabase target = NewDatabase.At(parsed.GetRequiredValue(made));
            using InspectedFile source = InspectedFile.Open(
                parsed.GetRequiredValue(file), parsed.GetValue(withoutLock), context);
            CheckSource(source);
            _ = target.Fill(() => CopyPages(context, source, target.PartialPath));
            IntegrityReport report = target.Finish(context);
            Write(context.Output, source, report, Stopwatch.GetElapsedTime(start), parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Refuses a file that no open would take.</summary>
    private static void CheckSource(InspectedFile source)
    {
        if ((source.Refusal ?? source.SuperblockProblem?.ToString()) is { } problem)
            throw new DatabaseCorruptException(
                $"'{source.Path}' cannot be copied ({problem}): engine check FILE --salvage OUT copies what can still "
                + "be read");
    }

    private static long CopyPages(CommandContext context, InspectedFile source, string path)
    {
        MetaSlot meta = source.RequireMeta();
        var copy = new PageCopy(source.Reader, source.Geometry, meta, source.Path, context.Cancellation);
        return context.Progress.Run(
            $"upgrading {Path.GetFileName(source.Path)}",
            (long)source.Geometry.PageCount,
            progress => copy.Write(path, progress.Invoke),
            ProgressUnit.Pages);
    }

    private static void Write(
        Output output, InspectedFile source, IntegrityReport report, TimeSpan time, bool asJson)
    {
        uint from = source.Superblock!.Version;
        ulong transaction = source.RequireMeta().Id;
        if (asJson)
        {
            JsonReport.Write(output, json =>
            {
                json.WriteNumber("fromVersion", from);
                json.WriteNumber("version", FileFormat.Version);
                json.WriteNumber("transaction", transaction);
                json.WriteNumber("trees", report.Trees);
                json.WriteNumber("entries", report.Entries);
                json.WriteNumber("pageCount", report.PageCount);
                json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 6));
            });
            return;
        }

        output.WriteLine(
            $"upgraded from version {from} to {FileFormat.Version} in {Human.Seconds(time)}: "
            + $"transaction {transaction}, "
            + $"{Human.Count(report.Trees, "tree", "trees")}, {Human.Count(report.Entries, "entry", "entries")}, "
            + $"{Human.Count(report.PageCount, "page", "pages")}; checked: ok");
    }
}
