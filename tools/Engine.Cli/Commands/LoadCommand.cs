using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Engine.Cli.Making;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine load FILE INPUT</c></summary>
internal static class LoadCommand
{
    private const string Examples = """
        Examples:
          engine load unicode.db data/unicode.tsv
          zcat events.jsonl.gz | engine load events.db - --format jsonl --tree 2026
          mdb_dump -a DIRECTORY | engine load new.db - --format mdb

        Formats:
          tsv      key, tab, value; the bytes as they are (extensions .tsv, .tab)
          escaped  the same, and \hh stands for a byte: what scan writes
          jsonl    {"key":"…","value":…} (extensions .jsonl, .ndjson); a value that is no string is kept as its JSON text;
                   bytes that are no UTF-8 come as "keyBase64" and "valueBase64": what scan --json writes; "tree" names the tree
          mdb      what LMDB's mdb_dump writes, and dump (extension .dump); "database=" names the tree

        --tree puts everything into one tree, whatever the input names.

        Without --batch, entries whose keys ascend are committed 10,000 at a time. From the first key that does not ascend, the rest
        of its tree is sorted and put in one transaction, which fills the pages. With --batch every N entries are a transaction, whatever
        their order. After a bad line (exit code 2) or Ctrl-C the transactions before it are kept, and the message says up to which line.

        """ + DuplicatePolicies.Help;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> input = CommonSymbols.Path("INPUT", "The lines to load; - is standard input");
        Option<string?> format =
            new("--format")
            {
                HelpName = string.Join('|', RecordFormats.Names),
                Description = "The format of INPUT; without it its extension tells, or the first line of a dump of LMDB"
            };
        format.AcceptOnlyFromAmong(RecordFormats.Names);
        Option<string?> tree = CommonSymbols.Tree();
        Option<int?> batch = new("--batch")
        {
            HelpName = "N",
            Description =
                $"Entries in a transaction; without it {Human.Count(Loader.DefaultBatch)} while the keys ascend"
        };
        Option<string?> temp = CommonSymbols.Temp();
        Option<string?> duplicates = DuplicatePolicies.Option();
        Option<int?> pageSize =
            new("--page-size") { HelpName = "BYTES", Description = "For a new FILE: 4096 to 65536, a power of two" };
        Option<bool> json = CommonSymbols.Json("Write the closing line as JSON");
        var command = new Command(
            "load",
            "Load entries from tab-separated lines, JSON lines or a dump of LMDB; creates FILE and the tree if there "
            + "are none")
        {
            file, input, format, tree, batch, duplicates, pageSize, temp, json,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(input);
            string database = parsed.GetRequiredValue(file);
            int? batchEntries = parsed.GetValue(batch);
            if (batchEntries < 1)
                throw new UsageException("--batch must be at least 1");
            CheckPageSize(parsed.GetValue(pageSize));
            var request = new Request(
                path, RecordFormats.Choose(parsed.GetValue(format), path), CommonSymbols.TreeName(parsed, tree),
                    batchEntries,
                DuplicatePolicies.FromName(parsed.GetValue(duplicates)), parsed.GetValue(pageSize),
                SortFiles.Options(parsed.GetValue(temp), database));
            LoadSummary summary = Run(context, database, request);
            if (parsed.GetValue(json))
                WriteJson(context.Output, summary);
            else
                context.Output.WriteLine(summary.ToString());
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Loads a file with the usual settings, for the demonstration.</summary>
    public static LoadSummary Run(CommandContext context, string file, string input) =>
        Run(
            context,
            file,
            new Request(
                input,
                RecordFormats.Choose(null, input),
                null,
                null,
                DuplicatePolicy.Keep,
                null,
                SortFiles.Options(null, file)));

    private static LoadSummary Run(CommandContext context, string file, Request request)
    {
        // The input first: a misspelt name must not leave an empty database behind.
        using Stream input = InputFiles.Open(context, request.Input);
        string name = InputFiles.NameOf(request.Input);
        void Warn(string warning) => ErrorReporting.Write(context.Error, $"warning: {name}: {warning}");
        RecordReader records = RecordFormats.Open(request.Format, input, name, request.Duplicates, Warn);
        long start = Stopwatch.GetTimestamp();
        long entries;
        long added;
        using (Database database = DatabaseFiles.OpenOrCreate(context, file, request.PageSize))
        {
            long before = Count(database);
            var loader =
                new Loader(database, request.Tree, request.Batch, request.Sorting, context.Cancellation, Warn);
            entries = context.Progress.Run(
                $"loading {name}", InputFiles.LengthOf(input), progress => loader.Load(records, name, progress));
            added = Count(database) - before;
        }

        return new LoadSummary(entries, entries - added, Stopwatch.GetElapsedTime(start), new FileInfo(file).Length);
    }

    public static void CheckPageSize(int? pageSize)
    {
        if (pageSize is { } size && (size is < 4096 or > 65536 || !int.IsPow2(size)))
            throw new UsageException("--page-size must be 4096, 8192, 16384, 32768 or 65536");
    }

    /// <summary>Of all trees: the input may name them.</summary>
    private static long Count(Database database)
    {
        using ReadTransaction read = database.BeginRead();
        long entries = read.Main.Count;
        foreach (string name in read.GetTreeNames())
            entries += read[database.GetTree(name)].Count;
        return entries;
    }

    private static void WriteJson(Output output, LoadSummary summary)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("entries", summary.Entries);
            json.WriteNumber("replaced", summary.Replaced);
            json.WriteNumber("seconds", Math.Round(summary.Time.TotalSeconds, 6));
            json.WriteNumber("fileBytes", summary.FileBytes);
            json.WriteEndObject();
        }

        output.WriteLine();
    }

    private sealed record Request(string Input, RecordFormat? Format, string? Tree, int? Batch,
        DuplicatePolicy Duplicates, int? PageSize, BulkLoadOptions Sorting);
}
