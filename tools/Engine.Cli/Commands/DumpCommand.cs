using System.CommandLine;
using System.Text;
using Engine.Cli.Records;
using Engine.Cli.Shared;
using Engine.Transactions;

namespace Engine.Cli.Commands;

/// <summary><c>engine dump FILE [TREE]</c></summary>
internal static class DumpCommand
{
    private const string Examples = """
        Examples:
          engine dump scores.db > scores.dump
          engine dump scores.db --all | mdb_load DIRECTORY
          mdb_dump -a DIRECTORY | engine load scores.db - --format mdb

        Formats:
          mdb      what LMDB's mdb_dump writes and mdb_load reads (without --format); --print keeps text readable
          jsonl    {"key":"…","value":"…"}; with --all also {"tree":"…"}
          escaped  key, tab, value; \hh stands for a byte
          tsv      key, tab, value; the bytes as they are, an error where they do not make a line

        LMDB takes no empty keys and none above 511 bytes. A dump with such keys is written whole, with a warning: mdb_load stops at
        them, engine load does not. The default tree becomes LMDB's unnamed database, which also holds the names of the others.
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string?> tree = new("TREE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The named tree; without it the default tree"
        };
        Option<bool> all = new("--all", "-a")
        {
            Description = "All trees: the default tree, unless it is empty and there are others, and the named ones"
        };
        Option<string?> format = new("--format")
        {
            HelpName = string.Join('|', RecordFormats.Names),
            Description = "The format; without it mdb"
        };
        format.AcceptOnlyFromAmong(RecordFormats.Names);
        Option<bool> print =
            new("--print", "-p") { Description = "With mdb: printable bytes as they are, others as \\hh" };
        Option<ulong?> mapSize = new("--mapsize")
        {
            HelpName = "BYTES",
            Description =
                "With mdb: the map size that mdb_load shall set; without it four times the pages, at least 1 GiB"
        };
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("dump", "Write whole trees as text that load, or LMDB's mdb_load, reads back exactly")
        {
            file, tree, all, format, print, mapSize, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            var request = new Request(
                parsed.GetValue(tree) is { } typed ? TreeNames.Parse(typed) : null, parsed.GetValue(all),
                    RecordFormats.FromName(parsed.GetValue(format)) ?? RecordFormat.MdbDump,
                parsed.GetValue(print), parsed.GetValue(mapSize));
            if (request.All && request.Tree is not null)
                throw new UsageException("give either TREE or --all");
            if (request.Format != RecordFormat.MdbDump && (request.Print || request.MapSize is not null))
                throw new UsageException("--print and --mapsize are for --format mdb");
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            Run(context, database, request);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Run(CommandContext context, Database database, Request request)
    {
        // All trees as of one moment, however long it takes.
        using Snapshot snapshot = database.OpenSnapshot();
        List<string> names;
        long entries = 0;
        long pages = 0;
        using (ReadTransaction read = snapshot.BeginRead())
        {
            names = Choose(database, read, request);
            foreach (string name in names)
            {
                TreeStatistics tree = read[CommonSymbols.Resolve(database, name)].GetStatistics();
                entries += tree.Entries;
                pages += tree.LeafPages + tree.BranchPages + tree.OverflowPages;
            }
        }

        if (names.Count > 1 && request.Format is RecordFormat.TabSeparated or RecordFormat.Escaped)
            throw new UsageException(
                "lines with a tab cannot name the tree: use --format mdb or jsonl, or dump one tree");
        DumpWriter writer = CreateWriter(context, database, request, pages);
        long Work(ProgressUpdate progress)
        {
            using ReadTransaction read = snapshot.BeginRead();
            return Dump(context, database, read, names, writer, progress);
        }

        // A bar would run across what is shown.
        if (context.Output.IsTerminal)
            Work((_, _) => { });
        else
            context.Progress.Run($"dumping {Path.GetFileName(database.Path)}", (long)entries, Work);
        context.Output.Flush();
        EntryWriter.WarnOfLongLines(context, writer.LongLines);
        using ReadTransaction last = snapshot.BeginRead();
        Warn(context, database, last, request, names, writer);
    }

    private static DumpWriter CreateWriter(CommandContext context, Database database, Request request, long pages) =>
        request.Format == RecordFormat.MdbDump
            ? new MdbDumpWriter(
                context.Output,
                request.Print,
                request.MapSize ?? LmdbLimits.MapSizeFor((ulong)(pages * database.PageSize)),
                database.PageSize)
            : new LineDumpWriter(context.Output, request.Format) { NamesTrees = request.All };

    private static List<string> Choose(Database database, ReadTransaction read, Request request)
    {
        if (!request.All)
        {
            // Throws if there is no such tree.
            _ = read[CommonSymbols.Resolve(database, request.Tree)];
            return [request.Tree ?? ""];
        }

        // Names of snapshots are of no use without the pages that they hold.
        List<string> names = [.. read.GetTreeNames().Where(name => name != SnapshotNames.Tree)];
        if (read.Main.Count > 0 || names.Count == 0)
            names.Insert(0, "");
        return names;
    }

    private static long Dump(
        CommandContext context,
        Database database,
        ReadTransaction read,
        List<string> names,
        DumpWriter writer,
        ProgressUpdate progress)
    {
        long done = 0;
        foreach (string name in names)
        {
            Tree handle = CommonSymbols.Resolve(database, name);
            TreeReader tree = read[handle];
            var kind = TreeKind.Of(read, handle);
            writer.BeginTree(name, kind, tree.Count);
            if (kind.IsMultiValued)
            {
                foreach (var (key, value) in read[database.GetMultiTree(name)].All())
                {
                    writer.Write(key, value);
                    Report(++done);
                }
            }
            else
            {
                foreach (var (key, value) in tree.All())
                {
                    writer.Write(key, value);
                    Report(++done);
                }
            }

            writer.EndTree();
        }

        return done;

        void Report(long entries)
        {
            if ((entries & 0xFF) != 0)
                return;
            context.Cancellation.ThrowIfCancellationRequested();
            progress(entries, entries);
        }
    }

    /// <summary>Whatever mdb_load would stop at.</summary>
    private static void Warn(
        CommandContext context,
        Database database,
        ReadTransaction read,
        Request request,
        List<string> names,
        DumpWriter writer)
    {
        if (writer is not MdbDumpWriter dump)
        {
            if (request.Format is RecordFormat.Escaped or RecordFormat.TabSeparated
                && TreeKind.Of(read, CommonSymbols.Resolve(database, names[0])).IsMultiValued)
            {
                ErrorReporting.Write(
                    context.Error,
                    "warning: the lines do not say that the tree is multi-valued: load them into one that engine "
                    + "create --multi-valued has made, or use --format mdb or jsonl");
            }

            return;
        }

        if (dump.UnloadableKeys > 0)
        {
            ErrorReporting.Write(
                context.Error,
                $"warning: {Human.Count(dump.UnloadableKeys, "key is", "keys are")} empty or longer than "
                + $"{LmdbLimits.LongestKey} bytes: mdb_load stops there, LMDB cannot hold them (engine load can)");
        }

        if (dump.UnloadableValues > 0)
        {
            ErrorReporting.Write(
                context.Error,
                $"warning: {Human.Count(dump.UnloadableValues, "value", "values")} of multi-valued trees "
                + $"{(dump.UnloadableValues == 1 ? "is" : "are")} longer than {LmdbLimits.LongestKey} bytes: mdb_load "
                + "stops there, LMDB cannot hold them beside others (engine load can)");
        }

        if (dump.EmptyValues > 0)
        {
            ErrorReporting.Write(
                context.Error,
                $"warning: {Human.Count(dump.EmptyValues, "key has", "keys have")} an empty value beside others: "
                + "mdb_load drops it without a word, LMDB cannot hold it there (engine load can)");
        }

        foreach (string name in names.Where(name => name.Length > 0))
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            if (!LmdbLimits.CanHoldKey(bytes))
                ErrorReporting.Write(
                    context.Error,
                    $"warning: the name of the tree '{TreeNames.Label(name)}' is longer than {LmdbLimits.LongestKey} "
                    + $"bytes: mdb_load cannot make it");
            else if (names[0].Length == 0 && read.Main.ContainsKey(bytes))
                ErrorReporting.Write(
                    context.Error,
                    $"warning: the default tree has a key '{TreeNames.Label(name)}' and there is a tree of that name: "
                    + $"mdb_load stops there, LMDB keeps both in one place");
        }
    }

    private sealed record Request(string? Tree, bool All, RecordFormat Format, bool Print, ulong? MapSize);
}
