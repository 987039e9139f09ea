using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Engine.Cli.Lmdb;
using Engine.Cli.Making;
using Engine.Cli.Records;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine import FILE LMDBFILE</c></summary>
internal static class ImportCommand
{
    private const string Examples = """
        Examples:
          engine import new.db /var/lib/app/data.mdb
          engine import new.db /var/lib/app --duplicates pairs --keep-order

        Reads the file of LMDB 0.9 or 1.0 (64-bit, little-endian) itself: LMDB need not be installed. The unnamed database becomes the default
        tree, each named one the tree of that name. FILE appears when everything is in it and checked; otherwise nothing is left of it.
        Nobody may write to LMDBFILE meanwhile: if somebody does, the import notices at the end and fails. mdb_copy makes a copy that stands still.

        Flags: a DUPSORT database becomes a multi-valued tree. The keys of INTEGERKEY databases, and the values of INTEGERDUP ones, become
        big-endian, which keeps their order; the tree says that they are u32 or u64. Other keys and values are kept as they are, byte by
        byte; with --keep-order the keys of REVERSEKEY databases are reversed, so that they come in the same order as in LMDB.

        """ + DuplicatePolicies.Help;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.Path("FILE", "The database file to make; it must not exist");
        Argument<string> lmdb =
            CommonSymbols.Path("LMDBFILE", "The data file of LMDB, or the directory that holds its data.mdb");
        Option<string?> duplicates = DuplicatePolicies.Option();
        Option<bool> keepOrder = new("--keep-order")
        {
            Description = "Turn reversed keys round, so that their order stays the same"
        };
        Option<int?> pageSize = new("--page-size")
        {
            HelpName = "BYTES",
            Description = "4096 to 65536, a power of two; without it that of LMDBFILE, or 4096 if that is less"
        };
        Option<string?> temp = CommonSymbols.Temp();
        Option<bool> json = CommonSymbols.Json("Write a JSON object");
        var command = new Command(
            "import",
            "Make a database from a file of LMDB, without LMDB")
            {
                file, lmdb, duplicates, keepOrder, pageSize, temp, json
            };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            LoadCommand.CheckPageSize(parsed.GetValue(pageSize));
            string path = parsed.GetRequiredValue(file);
            var request = new Request(
                path, parsed.GetRequiredValue(lmdb), DuplicatePolicies.FromName(parsed.GetValue(duplicates)),
                parsed.GetValue(keepOrder), parsed.GetValue(pageSize), SortFiles.Options(parsed.GetValue(temp), path));
            long start = Stopwatch.GetTimestamp();
            List<ImportedTree> trees = Run(context, request);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            if (parsed.GetValue(json))
                WriteJson(context.Output, trees, time, new FileInfo(request.File).Length);
            else
                WriteText(context.Output, trees, time, new FileInfo(request.File).Length);
            return ExitCode.Ok;
        });
        return command;
    }

    private static List<ImportedTree> Run(CommandContext context, Request request)
    {
        using NewDatabase made = NewDatabase.At(request.File);
        using LmdbFile lmdb = LmdbFile.Open(request.LmdbFile);
        int pageSize = request.PageSize ?? Math.Max(lmdb.PageSize, 4096);
        List<ImportedTree> trees = made.Fill(() =>
        {
            using TreeFiller filler =
                TreeFiller.Create(made.PartialPath, pageSize, request.Sorting, context.Cancellation);
            var importer = new LmdbImporter(lmdb, filler, request.Duplicates, request.KeepOrder, context.Cancellation);
            List<ImportedTree> imported =
                context.Progress.Run($"importing {Path.GetFileName(lmdb.Path)}", null, importer.Run);
            filler.Finish();
            return imported;
        });
        made.Finish(context);
        return trees;
    }

    private static void WriteText(Output output, List<ImportedTree> trees, TimeSpan time, long fileBytes)
    {
        long entries = trees.Sum(tree => tree.Entries);
        output.WriteLine(
            $"imported {Human.Count(entries, "entry", "entries")} in {Human.Count(trees.Count, "tree", "trees")} in "
            + $"{Human.Seconds(time)} ({Human.Rate(entries, time)}), checked, file {Human.Size(fileBytes)}");
        if (trees.Count == 1 && trees[0].Flags == 0)
            return;
        output.WriteLine();
        var table = new TextTable(null, "tree", ">entries", "flags in LMDB", "remark");
        foreach (ImportedTree tree in trees)
            table.Add(TreeNames.Label(tree.Name), Human.Count(tree.Entries), string.Join(' ', tree.FlagNames),
                tree.Remark ?? "");
        table.WriteTo(output);
    }

    private static void WriteJson(Output output, List<ImportedTree> trees, TimeSpan time, long fileBytes) =>
        JsonReport.Write(output, json =>
        {
            json.WriteNumber("entries", trees.Sum(tree => tree.Entries));
            json.WriteNumber("seconds", Math.Round(time.TotalSeconds, 6));
            json.WriteNumber("fileBytes", fileBytes);
            JsonReport.WriteObjects(json, "trees", trees, tree =>
            {
                json.WriteString("name", tree.Name);
                json.WriteNumber("entries", tree.Entries);
                json.WriteNumber("droppedValues", tree.DroppedValues);
                json.WriteBoolean("keysReversed", tree.IsTurned);
                json.WriteBoolean("multiValued", tree.Kind.IsMultiValued);
                json.WriteString("keyCodec", tree.Kind.KeyCodec);
                json.WriteString("valueCodec", tree.Kind.ValueCodec);
                json.WriteStartArray("flags");
                foreach (string flag in tree.FlagNames)
                    json.WriteStringValue(flag);
                json.WriteEndArray();
            });
        });

    private sealed record Request(
        string File,
        string LmdbFile,
        DuplicatePolicy Duplicates,
        bool KeepOrder,
        int? PageSize,
        BulkLoadOptions Sorting);
}
