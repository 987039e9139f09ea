using System.Text;
using System.Text.Json;
using Engine.Cli.Inspection;
using Engine.Cli.Reading;
using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Salvaging;

/// <summary>
/// A database of several trees whose keys overlap, with former versions of most pages, and knowledge of which leaf
/// holds what. No two entries have the same value, so each that comes out is known again.
/// </summary>
internal abstract class SalvageFixture : CliFixture
{
    protected static readonly string[] Trees = ["", "users", "animals", "größe"];

    /// <summary>An entry, and the pages that it needs: its leaf, and those of its value.</summary>
    protected sealed record Row(string Tree, string Key, string Value, ulong[] Pages);

    protected string Source => InFolder("damaged.db");

    protected string Out => InFolder("out.db");

    protected int PageSize { get; private set; }

    /// <summary>The entries of the sound file.</summary>
    protected List<Row> Live { get; } = [];

    /// <summary>
    /// Makes the database. Commits are ordered ones, so that damage to the newest is not taken for a crash.
    /// </summary>
    protected void MakeKnowingHistory(int seed, int commits = 5, int pageSize = 512, int keys = 900,
        int longestKey = 12)
    {
        var random = new Random(seed);
        PageSize = pageSize;
        int serial = 0;
        AllRowsEver.Clear();
        using (Database database = Database.Open(Source,
            new DatabaseOptions { PageSize = pageSize, AllowTestPageSizes = true }))
        {
            for (int commit = 0; commit < commits; commit++)
            {
                using WriteTransaction transaction = database.BeginWrite();
                foreach (string name in Trees)
                {
                    Tree tree = name.Length == 0 ? database.Main : transaction.CreateTree(name);
                    for (int i = 0; i < keys / 3; i++)
                    {
                        byte[] key = Encoding.ASCII.GetBytes(random.Next(keys).ToString("D5").PadRight(random.Next(5,
                            longestKey), 'k'));

                        // Long values come first in the file, and must not push all leaves to its end.
                        byte[] value = new byte[random.Next(pageSize < 4096 ? 40 : 600) == 0 ? 3 * pageSize
                            : random.Next(8, 60)];
                        random.NextBytes(value);
                        BitConverter.TryWriteBytes(value, serial++);
                        transaction[tree].Put(key, value);
                        if (i % 7 == 0 && commit > 0)
                            transaction[tree].Delete(Encoding.ASCII.GetBytes(random.Next(keys).ToString("D5")));
                    }
                }

                transaction.Commit(CommitMode.Deferred);
                database.Flush();
                AllRowsEver.UnionWith(ReadTrees(database, _ => true));
            }
        }

        Live.Clear();
        Live.AddRange(ReadRows(Source));
        Assert.That(Live, Has.Count.GreaterThan(300));
    }

    /// <summary>Entries with their pages, from an independent walk of a sound file.</summary>
    protected static List<Row> ReadRows(string path)
    {
        using InspectedFile file = InspectedFile.Open(path, withoutLock: true, CancellationToken.None);
        MetaSlot meta = file.RequireMeta();
        ulong leaf = 0;
        var walk = new EntryWalk(file.Reader, file.Geometry, new PageSet(file.Geometry.PageCount), null,
            CancellationToken.None)
        { LeafShown = page => leaf = page };
        var trees = new List<(string Name, TreeRecord Record)> { ("", meta.DefaultTree) };
        walk.Walk(meta.Catalog, KeyRangeSet.All,
            new Visitor((key, value) => trees.Add((Encoding.UTF8.GetString(key), new TreeRecord(value)))));
        var rows = new List<Row>();
        foreach ((string name, TreeRecord record) in trees)
        {
            walk.Walk(record, KeyRangeSet.All, new Visitor((key, value) =>
                rows.Add(new Row(name, Convert.ToHexString(key), Convert.ToHexString(value),
                    [leaf, .. RunOf(file, leaf, key)]))));
        }

        return rows;
    }

    /// <summary>The entries that the new file has in trees of the old ones' names.</summary>
    protected static List<(string Tree, string Key, string Value)> ReadTrees(string path, Func<string, bool> fits)
    {
        using Database database = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        return ReadTrees(database, fits);
    }

    private static List<(string Tree, string Key, string Value)> ReadTrees(Database database, Func<string, bool> fits)
    {
        var found = new List<(string, string, string)>();
        using ReadTransaction read = database.BeginRead();
        foreach (string name in read.GetTreeNames().Prepend("").Where(fits))
        {
            foreach (var (key, value) in read[name.Length == 0 ? database.Main : database.GetTree(name)].All())
                found.Add((name, Convert.ToHexString(key), Convert.ToHexString(value)));
        }

        return found;
    }

    /// <summary>What is in the lost and found, each entry with the page and the birth of its leaf.</summary>
    protected static List<(string Key, string Value, ulong Birth, ulong Page)> ReadFound(string path)
    {
        var found = new List<(string, string, ulong, ulong)>();
        foreach ((string tree, string hex, string value) in ReadTrees(path, name =>
            name.StartsWith("lost-and-found", StringComparison.Ordinal)))
        {
            byte[] key = Convert.FromHexString(hex);
            int end = Array.IndexOf(key, (byte)':');
            string label = tree.Contains(' ') ? tree[(tree.IndexOf(' ') + 1)..]
                : Encoding.ASCII.GetString(key.AsSpan(0, end));
            string[] parts = label.Split('.');
            found.Add((Convert.ToHexString(tree.Contains(' ') ? key : key[(end + 1)..]), value, ulong.Parse(parts[0]),
                ulong.Parse(parts[1])));
        }

        return found;
    }

    protected JsonElement Salvage(params string[] options)
    {
        CliResult result = Run(["check", Source, "--salvage", Out, "--json", .. options]);
        Assert.That(result.ExitCode, Is.EqualTo(0).Or.EqualTo(1), result.Error);
        Assert.That(result.Output, Is.Not.Empty, result.Error);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.That(json.RootElement.TryGetProperty("salvage", out JsonElement salvage), Is.True, result.Error);
        Assert.That(Run("check", Out).ExitCode, Is.Zero);
        return salvage.Clone();
    }

    /// <summary>
    /// Expects that each entry whose pages are intact came out exactly once: in its tree, or in the lost and found with
    /// the page that it was on; and where the space log was whole, nothing else but what the trees' former state still
    /// had.
    /// </summary>
    protected void ExpectEveryIntactRowOnce(Func<ulong, bool> isIntact, JsonElement salvage)
    {
        List<Row> intact = [.. Live.Where(row => row.Pages.All(isIntact))];
        ILookup<(string Tree, string Key, string Value), int> inTrees =
            ReadTrees(Out, name => Trees.Contains(name)).ToLookup(row => row, _ => 1);
        ILookup<(string Key, string Value), ulong> found =
            ReadFound(Out).ToLookup(row => (row.Key, row.Value), row => row.Page);
        var wrong = new List<string>();
        foreach (Row row in intact)
        {
            int times = inTrees[(row.Tree, row.Key, row.Value)].Count() + found[(row.Key, row.Value)].Count();
            if (times != 1 || found[(row.Key, row.Value)].Any(page => page != row.Pages[0]))
                wrong.Add($"{times} times: {row.Tree} {row.Key} on page {row.Pages[0]}");
        }

        Assert.That(wrong, Is.Empty, $"of {intact.Count} intact of {Live.Count}");
        Assert.That(intact, Is.Not.Empty, "the damage left something to test with");

        // An entry never lands in a tree that it is not of.
        Assert.That(
            inTrees.Select(row => row.Key).Where(row => !AllRowsEver.Contains(row)), Is.Empty, "in the wrong tree");
        bool freeIsKnown = !salvage.TryGetProperty("orphans", out JsonElement orphans)
            || orphans.GetProperty("freePagesKnown").GetBoolean();
        if (freeIsKnown)
        {
            HashSet<(string, string)> live = [.. Live.Select(row => (row.Key, row.Value))];
            Assert.That(found.Select(row => row.Key).Where(row => !live.Contains(row)), Is.Empty, "former versions");
        }
    }

    /// <summary>Every entry that any commit had, with its tree.</summary>
    private HashSet<(string Tree, string Key, string Value)> AllRowsEver { get; } = [];

    protected void Change(Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(Source);
        change(bytes);
        File.WriteAllBytes(Source, bytes);
    }

    protected void Cut(double share)
    {
        byte[] bytes = File.ReadAllBytes(Source);
        File.WriteAllBytes(Source, bytes[..(int)(bytes.Length * share)]);
    }

    protected void Destroy(ulong page) => Change(bytes => bytes.AsSpan((int)page * PageSize, PageSize).Fill(0xAA));

    /// <summary>A field of the meta that an open takes.</summary>
    protected ulong CatalogRoot()
    {
        using InspectedFile file = InspectedFile.Open(Source, withoutLock: true, CancellationToken.None);
        return file.RequireMeta().Catalog.Root;
    }

    protected static ulong U64(byte[] bytes, int offset) => BitConverter.ToUInt64(bytes, offset);

    private static ulong[] RunOf(InspectedFile file, ulong leaf, ReadOnlySpan<byte> key)
    {
        byte[] page = new byte[file.PageSize];
        file.Reader.Read((long)leaf * file.PageSize, page);
        int count = new PageHeader(page).Count;
        for (int i = 0; i < count; i++)
        {
            _ = LeafCell.TryRead(page, count, i, out LeafCell cell);
            if (!cell.IsOverflow || !cell.Key(page).SequenceEqual(key))
                continue;
            var run = cell.Reference(page);
            return [.. Enumerable.Range(0, (int)FileFormat.OverflowPages(run.Length, file.PageSize)).Select(n =>
                run.Page + (ulong)n)];
        }

        return [];
    }

    private sealed class Visitor(Action<byte[], byte[]> entry) : IEntryVisitor
    {
        public void Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => entry(key.ToArray(), value.ToArray());

        public void LostPage(ulong page, string problem, scoped in NodeBounds bounds) => Assert.Fail(problem);

        public void LostValue(ulong page, string problem, ReadOnlySpan<byte> key) => Assert.Fail(problem);
    }
}
