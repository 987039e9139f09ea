using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Statistics;

/// <summary>What a database file looks like, as one snapshot of it.</summary>
internal sealed class StatReport
{
    /// <summary>Measuring the fill reads every leaf: small trees are measured always, larger ones on request.</summary>
    private const long AlwaysMeasuredBytes = 64L * 1024 * 1024;

    private readonly string _path;
    private readonly FileFacts _database;
    private readonly List<PageUse> _pages;
    private readonly List<TreeFacts> _trees;
    private readonly CommitStatistics? _commits;

    private StatReport(
        string path, FileFacts database, List<PageUse> pages, List<TreeFacts> trees, CommitStatistics? commits)
    {
        _commits = commits;
        _path = path;
        _database = database;
        _pages = pages;
        _trees = trees;
    }

    /// <summary>The first damage that measuring the trees came across.</summary>
    public string? Damage => _trees.Select(tree => tree.Damage).FirstOrDefault(damage => damage is not null);

    /// <summary>Reads the facts.</summary>
    /// <param name="database">The database.</param>
    /// <param name="path">Its path as the user gave it.</param>
    /// <param name="onlyTree">
    /// Report this tree only; nothing for all of them, the empty name for the default tree.
    /// </param>
    /// <param name="full">Measure the fill of large trees too.</param>
    /// <param name="cancellation">Ends a long measurement.</param>
    public static StatReport Collect(
        Database database, string path, string? onlyTree, bool full, CancellationToken cancellation)
    {
        // Everything is counted in one snapshot, so a writer that never rests changes nothing of it.
        using Snapshot snapshot = database.OpenSnapshot();
        using ReadTransaction read = snapshot.BeginRead();
        return Collect(database, path, snapshot, read, onlyTree, full, cancellation);
    }

    public void WriteTo(Output output)
    {
        var facts = new TextTable(_path, "", "");
        facts.Add("file", $"{Human.Size(_database.FileLength)} ({Human.Count(_database.FileLength)} bytes)");
        facts.Add("page size", $"{Human.Count(_database.PageSize)} bytes");
        facts.Add("transaction", $"{_database.TransactionId} (durable: {_database.DurableTransactionId})");
        facts.WriteTo(output);

        output.WriteLine();
        var pages = new TextTable(null, "pages", ">count", ">size", ">share");
        foreach (PageUse use in _pages)
            AddPages(pages, use.Name, use.Pages);
        AddPages(pages, "all", (ulong)_database.PageCount);
        pages.WriteTo(output);

        output.WriteLine();
        var trees =
            new TextTable(null, "tree", ">entries", ">depth", ">branch", ">leaf", ">overflow", ">size", ">leaf fill");
        foreach (TreeFacts tree in _trees)
            AddTree(trees, tree);
        trees.WriteTo(output);
        if (_commits is { Flushes: > 0 } or { Transactions: > 0 })
        {
            output.WriteLine();
            WriteCommits(_commits, output);
        }
    }

    public void WriteJson(Output output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("path", _path);
            json.WriteNumber("fileBytes", _database.FileLength);
            json.WriteNumber("pageSize", _database.PageSize);
            json.WriteNumber("pageCount", _database.PageCount);
            json.WriteNumber("transaction", _database.TransactionId);
            json.WriteNumber("durableTransaction", _database.DurableTransactionId);
            json.WriteStartObject("pages");
            foreach (PageUse use in _pages)
                json.WriteNumber(use.JsonName, use.Pages);
            json.WriteEndObject();
            json.WriteStartArray("trees");
            foreach (TreeFacts tree in _trees)
                WriteTree(json, tree);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine();
    }

    /// <summary>What committing has cost, for who has the database open for writing.</summary>
    private static void WriteCommits(CommitStatistics commits, Output output)
    {
        var table = new TextTable(null, "commits", ">");
        table.Add("transactions", Human.Count(commits.Transactions));
        table.Add("groups that shared a flush", Human.Count(commits.Groups));
        table.Add("largest group", Human.Count(commits.LargestGroup));
        table.Add("groups that left one out", Human.Count(commits.GroupsLeavingOut));
        table.Add("flushes", Human.Count(commits.Flushes));
        table.Add("time flushed", Human.Seconds(commits.Flushing));
        table.Add("time waited", Human.Seconds(commits.Waiting));
        table.WriteTo(output);
    }

    private static StatReport Collect(
        Database database, string path, Snapshot snapshot, ReadTransaction read, string? onlyTree, bool full,
            CancellationToken cancellation)
    {
        FileFacts file = FileFacts.Of(database, snapshot);
        var trees = new List<TreeFacts>();
        TreeStatistics sum = file.Catalog;
        foreach (string name in (IEnumerable<string>)["", .. read.GetTreeNames()])
        {
            TreeReader tree = read[CommonSymbols.Resolve(database, name)];
            var facts = new TreeFacts(name, tree.GetStatistics());
            sum = sum with
            {
                BranchPages = sum.BranchPages + facts.Statistics.BranchPages,
                LeafPages = sum.LeafPages + facts.Statistics.LeafPages,
                OverflowPages = sum.OverflowPages + facts.Statistics.OverflowPages,
            };
            if (onlyTree is not null && onlyTree != name)
                continue;
            if (full || facts.Pages * file.PageSize <= AlwaysMeasuredBytes)
                facts = Measure(facts, tree, file.PageSize, cancellation);
            trees.Add(facts);
        }

        if (trees.Count == 0)
            throw new TreeNotFoundException(
                $"There is no tree '{TreeNames.Label(onlyTree!)}'. Without --tree, stat lists the trees that there "
                + "are.");
        return new StatReport(path, file, PageUses(file, sum), trees, database.GetCommitStatistics());
    }

    private static TreeFacts Measure(TreeFacts facts, TreeReader tree, int pageSize, CancellationToken cancellation)
    {
        try
        {
            return facts with { LeafFill = LeafFill.Measure(tree, pageSize, facts.Statistics.LeafPages, cancellation) };
        }
        catch (DatabaseCorruptException exception)
        {
            return facts with { Damage = exception.Message };
        }
    }

    private static List<PageUse> PageUses(FileFacts file, TreeStatistics trees)
    {
        long used = file.ReservedPages + trees.BranchPages + trees.LeafPages + trees.OverflowPages + file.LogPages
            + file.ListPages;
        return
        [
            new("reserved", "reserved", (ulong)file.ReservedPages),
            new("branches", "branches", (ulong)trees.BranchPages),
            new("leaves", "leaves", (ulong)trees.LeafPages),
            new("overflow", "overflow", (ulong)trees.OverflowPages),
            new("space log", "spaceLog", (ulong)file.LogPages),
            new("run list", "runList", (ulong)file.ListPages),
            new("free", "free", (ulong)Math.Max(0, file.PageCount - used)),
        ];
    }

    private void AddPages(TextTable table, string name, ulong pages)
    {
        double share = _database.PageCount == 0 ? 0 : (double)pages / _database.PageCount;
        table.Add(name, Human.Count(pages), Human.Size((double)pages * _database.PageSize), Human.Percent(share));
    }

    private void AddTree(TextTable table, TreeFacts tree) => table.Add(
        tree.DisplayName,
        Human.Count(tree.Statistics.Entries),
        Human.Count(tree.Statistics.Depth),
        Human.Count(tree.Statistics.BranchPages),
        Human.Count(tree.Statistics.LeafPages),
        Human.Count(tree.Statistics.OverflowPages),
        Human.Size((double)tree.Pages * _database.PageSize),
        tree.LeafFill is { } fill ? Human.Percent(fill) : tree.Damage is null ? "(--full)" : "damaged");

    private static void WriteTree(Utf8JsonWriter json, TreeFacts tree)
    {
        json.WriteStartObject();
        json.WriteString("name", tree.Name);
        json.WriteNumber("entries", tree.Statistics.Entries);
        json.WriteNumber("depth", tree.Statistics.Depth);
        json.WriteNumber("branchPages", tree.Statistics.BranchPages);
        json.WriteNumber("leafPages", tree.Statistics.LeafPages);
        json.WriteNumber("overflowPages", tree.Statistics.OverflowPages);
        if (tree.LeafFill is { } fill)
            json.WriteNumber("leafFill", Math.Round(fill, 4));
        if (tree.Damage is not null)
            json.WriteString("damage", tree.Damage);
        json.WriteEndObject();
    }
}
