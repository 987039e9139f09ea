using System.CommandLine;
using System.Text.Json;
using Engine.Cli.Inspection;
using Engine.Cli.Reading;
using Engine.Cli.Salvage;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Commands;

/// <summary><c>engine check FILE</c></summary>
internal static class CheckCommand
{
    private const int DefaultLimit = 1000;

    private const string Examples = """
        Examples:
          engine check unicode.db
          engine check unicode.db --json | jq '.problems[].rule'
          engine check damaged.db --salvage rescued.db

        Walks the whole file, with code that shares nothing with the code that wrote it. Exit codes: 0 the file is sound, 1 it is
        damaged, or a meta in it was rejected (after a crash, or because it has decayed), 2 it cannot be read, or is not a database at all.

        Indexes are compared with their trees as far as that goes without the program that selects their keys: each key of the tree that an index
        has is in the tree, and once, and what is to be unique is. (Where the program's own codecs are not known, only that the index is there.)

        --salvage copies every entry that a reader could still reach into a new database, and says what is lost. If something is, the whole file is
        searched for leaves that belong to the state and to which nothing leads any more. Their entries go to their tree, or, where nothing
        tells which that is, to the tree lost-and-found, each under the birth and the number of its page: birth.page:key. What is still missing is
        taken from the state before the last commit, and counted apart. --reached-only leaves the search out.
        When pages of the very last commit are damaged, recovery takes it for one that a crash cut off, and goes back to the commit
        before; so does --salvage, unless --newest says otherwise. FILE is never written to.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Option<int?> limit = new("--limit")
        {
            HelpName = "N",
            Description = $"Show at most N problems; without it {Human.Count(DefaultLimit)}"
        };
        Option<int?> threads = new("--threads")
        {
            HelpName = "N",
            Description = "Check with at most N threads; without it one for each processor, up to "
                + $"{CheckThreads.Most}, and one while a process has FILE open for writing"
        };
        Option<string?> salvage =
            CommonSymbols.PathOption("--salvage", "OUT", "Copy what can still be read into a new database, OUT");
        Option<bool> newest = new("--newest")
        {
            Description = "With --salvage: begin with the newest meta, even if recovery would not take it"
        };
        Option<bool> reachedOnly = new("--reached-only")
        {
            Description = "With --salvage: do not search for leaves to which nothing leads any more"
        };
        var command = new Command("check",
            "Check every page of a database; exit code 1 if it is damaged, 2 if it cannot be read") { symbols.File,
            limit, threads, salvage, newest, reachedOnly };
        symbols.AddOptionsTo(command, showsKeys: false);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            int most = parsed.GetValue(limit) ?? DefaultLimit;
            if (most < 0)
                throw new UsageException("--limit cannot be negative");
            if (parsed.GetValue(threads) < 1)
                throw new UsageException("--threads is at least 1");
            if ((parsed.GetValue(reachedOnly) || parsed.GetValue(newest)) && parsed.GetValue(salvage) is null)
                throw new UsageException("--newest and --reached-only are for --salvage OUT");
            return Run(context, symbols, parsed,
                new Request(
                    most,
                    parsed.GetValue(threads),
                    parsed.GetValue(salvage),
                    parsed.GetValue(newest),
                    parsed.GetValue(reachedOnly)));
        });
        return command;
    }

    private static int Run(CommandContext context, InspectionSymbols symbols, ParseResult parsed, Request request)
    {
        IntegrityReport report;
        IndexCheck? indexes = null;
        var opening = default(Opening);
        SalvageResult? salvage = null;
        string? refusal = null;
        bool isSalvaging = false;
        try
        {
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            (report, indexes) = Check(context, file, request);
            opening = new Opening(file.RecoveryReport, report.IsOk ? file.Refusal : null);
            isSalvaging = request.Salvage is not null;
            if (isSalvaging)
                salvage = TrySalvage(context, SalvageFile.Of(file), request, out refusal);
        }
        catch (DatabaseFormatException) when (!isSalvaging && request.Salvage is not null
            && TryOpenHeadless(parsed.GetRequiredValue(symbols.File), context.Cancellation) is { } headless)
        {
            using (headless)
            {
                report = InspectedFile.CheckUnopened(headless.Path, context.Cancellation);
                salvage = TrySalvage(context, headless, request, out refusal);
            }
        }
        catch (DatabaseCorruptException) when (!isSalvaging)
        {
            // Too damaged to be opened even for looking; the report says which rule is broken.
            report = InspectedFile.CheckUnopened(parsed.GetRequiredValue(symbols.File), context.Cancellation);
            refusal = request.Salvage is null
                ? null
                : "there is too little of the file to salvage anything: restore a backup";
        }
        catch (Exception exception) when (!isSalvaging
            && exception is (DatabaseException or IOException or UnauthorizedAccessException))
        {
            // For the other commands the database is what they work with; here it is the input that is to be judged.
            ErrorReporting.Write(context.Error, ErrorReporting.Describe(exception).Message);
            return ExitCode.Usage;
        }

        if (symbols.IsJson(parsed))
            WriteJson(context.Output, report, indexes, opening, request, salvage);
        else
            WriteText(context.Output, report, indexes, opening, request, salvage, symbols.Presentation(parsed));
        if (refusal is not null)
        {
            context.Output.Flush();
            ErrorReporting.Write(context.Error, refusal);
        }

        return report.IsOk && indexes is not { Problems.Count: > 0 }
            && opening.IsSound && refusal is null && salvage is not { IsComplete: false }
            ? ExitCode.Ok
            : ExitCode.Absent;
    }

    /// <summary>
    /// What is wrong with the damaged file is part of the report; what goes wrong with the new one is an error of its
    /// own.
    /// </summary>
    private static SalvageResult? TrySalvage(CommandContext context, SalvageFile file, Request request,
        out string? refusal)
    {
        refusal = null;
        try
        {
            return SalvageRun.Salvage(context, file, request.Salvage!, request.Newest, request.ReachedOnly);
        }
        catch (DatabaseCorruptException exception)
        {
            refusal = exception.Message;
            return null;
        }
    }

    /// <summary>A file whose head is gone is no database to the other commands; its pages may say otherwise.</summary>
    private static SalvageFile? TryOpenHeadless(string path, CancellationToken cancellation)
    {
        try
        {
            return SalvageFile.TryOpenHeadless(path, cancellation);
        }
        catch (Exception exception) when (exception is DatabaseException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (IntegrityReport Report, IndexCheck? Indexes) Check(
        CommandContext context, InspectedFile file, Request request)
    {
        const int Patience = 100;
        for (int attempt = 0; ; attempt++)
        {
            IntegrityReport report = context.Progress.Run(
                $"checking {Path.GetFileName(file.Path)}",
                (long)file.Geometry.PageCount,
                progress => Check(context, file, request, progress),
                ProgressUnit.Pages);

            // Problems of a file that moved on meanwhile may be no problems: what was looked at was not pinned, or its
            // meta was replaced.
            bool isCertain = report.IsOk || (file.IsLive ? report.MetaSlot is not null : !file.HasMoved());
            if (isCertain || attempt == Patience || !file.HasMoved())
            {
                if (!report.IsOk || file.Meta is null)
                    return (report, null);
                try
                {
                    return (report, IndexCheck.Run(context, file));
                }
                catch (DatabaseCorruptException) when (attempt < Patience && file.HasMoved())
                {
                    // What was compared was not pinned.
                }
            }

            file.Refresh(context.Cancellation);
        }
    }

    private static IntegrityReport Check(
        CommandContext context, InspectedFile file, Request request, ProgressUpdate progress)
    {
        var options = new IntegrityCheckOptions
        {
            // Beside a writer only the published state stands still; otherwise both slots are looked at.
            MetaId = file.IsLive ? file.Meta?.Id : null,
            MaximumProblems = request.Limit,
            MaxDegreeOfParallelism = request.Threads ?? CheckThreads.Choose(file.IsLive),
            Progress = done => progress((long)done.PagesChecked, (long)done.PagesChecked),
        };
        return IntegrityCheck.Run(file.Reader, options, context.Cancellation);
    }

    private static void WriteText(
        Output output,
        IntegrityReport report,
        IndexCheck? indexes,
        Opening opening,
        Request request,
        SalvageResult? salvage,
        Presentation show)
    {
        foreach (IntegrityProblem problem in report.Problems)
            WriteProblem(output, "damage", problem);
        if (report.ProblemCount > report.Problems.Count)
            output.WriteLine(
                $"damage: {Human.Count(report.ProblemCount - report.Problems.Count)} more, not shown (--limit)");
        foreach (IntegrityProblem problem in indexes?.Problems ?? [])
            WriteProblem(output, "index", problem);
        foreach (IntegrityProblem note in report.Notes)
            WriteProblem(output, "note", note);
        if (report.MetaSlot is { } slot)
        {
            TextWrap.WriteLine(
                output,
                $"checked transaction {report.TransactionId} in meta slot {slot}: "
                + $"{Human.Count(report.PageCount, "page", "pages")} of {show.Size(report.PageSize)}, "
                + $"{Human.Count(report.Trees, "tree", "trees")}, {Human.Count(report.Entries, "entry", "entries")}");
            TextWrap.WriteLine(
                output,
                $"pages: {Human.Count(report.LeafPages)} leaf, {Human.Count(report.BranchPages)} branch, "
                + $"{Human.Count(report.OverflowPages)} overflow, {Human.Count(report.LogPages)} log, "
                + $"{(report.ListPages == 0 ? "" : $"{Human.Count(report.ListPages)} run list, ")}"
                + $"{Human.Count(report.FreePages)} free, {Human.Count(report.LeakedPages)} leaked");
            if (report.Snapshots > 0)
                output.WriteLine(
                    $"named snapshots: {Human.Count(report.Snapshots)}, which alone reach "
                    + $"{Human.Count(report.SnapshotPages)} of the free pages");
        }
        else
        {
            output.WriteLine("no state could be chosen, so no tree was walked");
        }

        if (indexes is { Indexes: > 0 })
        {
            output.WriteLine(
                $"indexes: {Human.Count(indexes.Indexes)} compared with their trees"
                + (indexes.Unknown == 0 ? "" : $", {Human.Count(indexes.Unknown)} of them with unknown codecs"));
        }

        if (!report.IsOk)
            output.WriteLine($"damaged: {Human.Count(report.ProblemCount, "problem", "problems")}");
        else if (indexes is { Problems: { Count: > 0 } problems })
            output.WriteLine($"stale: {Human.Count(problems.Count, "problem", "problems")} of indexes");
        else if (opening.Refusal is not null)
            TextWrap.WriteLine(output, $"refused: {opening.Refusal}");
        else if (opening.Recovery is not null)
            TextWrap.WriteLine(output, $"rejected: {opening.Recovery}");
        else
            output.WriteLine("ok");
        if (salvage is not null)
            SalvageReporting.WriteText(output, salvage, request.Salvage!, show);
    }

    private static void WriteProblem(Output output, string what, IntegrityProblem problem)
    {
        string where = problem.Page switch
        {
            null => problem.Place,
            { } page when problem.PageCount > 1 =>
                $"pages {page} to {page + (ulong)problem.PageCount - 1} ({problem.Place})",
            { } page => $"page {page} ({problem.Place})",
        };
        output.WriteLine($"{what}: {where}: {problem.Rule}");
        TextWrap.WriteLine(output, $"  expected {ErrorReporting.OneLine(problem.Expected)}", 11);
        TextWrap.WriteLine(output, $"  found    {ErrorReporting.OneLine(problem.Found)}", 11);
    }

    private static void WriteJson(
        Output output,
        IntegrityReport report,
        IndexCheck? indexes,
        Opening opening,
        Request request,
        SalvageResult? salvage) => JsonReport.Write(output, json =>
        {
            json.WriteBoolean("ok", report.IsOk && indexes is not { Problems.Count: > 0 } && opening.IsSound);
            json.WriteNumber("problemCount", report.ProblemCount);
            WriteProblems(json, "problems", report.Problems);
            WriteProblems(json, "notes", report.Notes);
            if (indexes is { Indexes: > 0 } or { Problems.Count: > 0 })
            {
                json.WriteNumber("indexes", indexes.Indexes);
                json.WriteNumber("unknownIndexes", indexes.Unknown);
                WriteProblems(json, "indexProblems", indexes.Problems);
            }

            if (report.MetaSlot is { } slot)
            {
                json.WriteNumber("metaSlot", slot);
                json.WriteNumber("transaction", report.TransactionId);
            }

            if (opening.Refusal is not null)
                json.WriteString("refusal", opening.Refusal);
            if (opening.Recovery is not null)
                WriteJson(json, opening.Recovery);
            json.WriteNumber("fileBytes", report.FileLength);
            json.WriteNumber("pageSize", report.PageSize);
            json.WriteNumber("pageCount", report.PageCount);
            json.WriteStartObject("pages");
            json.WriteNumber("leaf", report.LeafPages);
            json.WriteNumber("branch", report.BranchPages);
            json.WriteNumber("overflow", report.OverflowPages);
            json.WriteNumber("log", report.LogPages);
            json.WriteNumber("runList", report.ListPages);
            json.WriteNumber("free", report.FreePages);
            json.WriteNumber("leaked", report.LeakedPages);
            json.WriteEndObject();
            if (report.Snapshots > 0)
            {
                json.WriteNumber("snapshots", report.Snapshots);
                json.WriteNumber("snapshotPages", report.SnapshotPages);
            }

            json.WriteNumber("trees", report.Trees);
            json.WriteNumber("entries", report.Entries);
            if (salvage is not null)
                SalvageReporting.WriteJson(json, salvage, request.Salvage!);
        });

    private static void WriteJson(Utf8JsonWriter json, RecoveryReport recovery)
    {
        json.WriteStartObject("recovery");
        json.WriteString("text", recovery.ToString());
        if (recovery.ClosedTransactionId is { } closed)
            json.WriteNumber("closedTransaction", closed);
        json.WriteBoolean("complete", recovery.IsComplete);
        JsonReport.WriteObjects(json, "rejected", recovery.Rejected, rejected =>
        {
            json.WriteNumber("slot", rejected.Slot);
            if (rejected.TransactionId is { } id)
                json.WriteNumber("transaction", id);
            json.WriteString("reason", rejected.ToString());
            if (rejected.Page is { } page)
                json.WriteNumber("page", page);
        });
        json.WriteEndObject();
    }

    private static void WriteProblems(Utf8JsonWriter json, string name, IReadOnlyList<IntegrityProblem> problems)
    {
        JsonReport.WriteObjects(json, name, problems, problem =>
        {
            json.WriteString("rule", problem.Rule);
            if (problem.Page is { } page)
            {
                json.WriteNumber("page", page);
                json.WriteNumber("pages", problem.PageCount);
            }

            json.WriteString("place", problem.Place);
            json.WriteString("expected", problem.Expected);
            json.WriteString("found", problem.Found);
        });
    }

    /// <summary>
    /// What an opening would come across, or say instead of opening the file although the state that is there
    /// is sound.
    /// </summary>
    private readonly record struct Opening(RecoveryReport? Recovery, string? Refusal)
    {
        public bool IsSound => Recovery is null && Refusal is null;
    }

    private sealed record Request(int Limit, int? Threads, string? Salvage, bool Newest, bool ReachedOnly);
}
