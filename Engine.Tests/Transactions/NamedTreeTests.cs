using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Creating, renaming, dropping and truncating named trees, alone and combined in one transaction.</summary>
public class NamedTreeTests
{
    private static readonly string[] UnicodeNames =
        ["a", "Z", "ü", "数据", "\uFFFD", "\U0001F600", "a b\tc", "\0", "ﬀ", "e\u0301", "\u00e9"];

    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Trees_AreIndependent_AndSurviveReopening()
    {
        using var directory = new TempDirectory();
        using (var database = Database.Open(directory.DatabasePath))
        {
            using var transaction = database.BeginWrite();
            foreach (var name in UnicodeNames)
            {
                transaction[transaction.CreateTree(name)].Put("name"u8, System.Text.Encoding.UTF8.GetBytes(name));
            }

            transaction.Main.Put("name"u8, "default"u8);
            transaction.Commit();
        }

        using var again = Database.Open(directory.DatabasePath);
        using var read = again.BeginRead();
        var expected = UnicodeNames.Order(
            Comparer<string>.Create(
                (x, y) => ByteOrder.Instance.Compare(
                    System.Text.Encoding.UTF8.GetBytes(x), System.Text.Encoding.UTF8.GetBytes(y))));
        Assert.That(read.GetTreeNames(), Is.EqualTo(expected));
        foreach (var name in UnicodeNames)
        {
            Assert.That(read[again.GetTree(name)].Get("name"u8), Is.EqualTo(System.Text.Encoding.UTF8.GetBytes(name)));
            Assert.That(read[again.GetTree(name)].Count, Is.EqualTo(1));
        }
    }

    [Test]
    public void Names_OfAWriteTransaction_AreInTheOrderOfASnapshot()
    {
        using var transaction = _database.BeginWrite();
        foreach (var name in UnicodeNames)
        {
            transaction.CreateTree(name);
        }

        var before = transaction.GetTreeNames();
        transaction.Commit();
        using var read = _database.BeginRead();
        Assert.That(before, Is.EqualTo(read.GetTreeNames()));
    }

    [Test]
    public void CreateTree_WhenThereIsOne_ChangesNothing()
    {
        var tree = Create("t", 5);
        using var transaction = _database.BeginWrite();
        var id = transaction.TransactionId;
        Assert.That(transaction.CreateTree("t"), Is.EqualTo(tree));
        Assert.That(transaction[tree].Count, Is.EqualTo(5));
        Assert.That(transaction.Commit(), Is.LessThan(id).And.EqualTo(transaction.TransactionId));
    }

    [Test]
    public void TreesThatDoNotExist_AreTold_ExceptByTryDropTree()
    {
        var missing = _database.GetTree("missing");
        using var transaction = _database.BeginWrite();
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].Put("a"u8, "b"u8));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].TryAdd("a"u8, "b"u8));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].Delete("a"u8));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].DeleteRange("a"u8, "b"u8));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].Get("a"u8));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].TryGet("a"u8, default, out _));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].ContainsKey("a"u8));
        Assert.Throws<TreeNotFoundException>(() => _ = transaction[missing].Count);
        Assert.Throws<TreeNotFoundException>(() => transaction.Read(missing, static (read, tree) => read[tree].Count));
        Assert.That(transaction.TreeExists(missing), Is.False);
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].Clear());
        Assert.Throws<TreeNotFoundException>(() => transaction.RenameTree(missing, "x"));
        Assert.Throws<TreeNotFoundException>(() => transaction.RenameTree(missing, "missing"));
        Assert.Throws<TreeNotFoundException>(() => transaction[missing].OpenCursor().MoveToFirst());
        Assert.Throws<TreeNotFoundException>(() => transaction.DropTree(missing));
        Assert.That(transaction.TryDropTree(missing), Is.False);
        transaction[transaction.CreateTree("missing")].Put("a"u8, "b"u8);
        Assert.That(transaction[missing].Get("a"u8), Is.EqualTo("b"u8.ToArray()));
        transaction.Commit();
    }

    [Test]
    public void DefaultTree_CannotBeCreatedDroppedOrRenamed()
    {
        using var transaction = _database.BeginWrite();
        Assert.Throws<InvalidOperationException>(() => transaction.DropTree(_database.Main));
        Assert.Throws<InvalidOperationException>(() => transaction.TryDropTree(_database.Main));
        Assert.Throws<InvalidOperationException>(() => transaction.RenameTree(_database.Main, "x"));
        Assert.Throws<ArgumentException>(() => transaction.CreateTree(string.Empty));
        Assert.Throws<ArgumentException>(() => transaction.RenameTree(_database.GetTree("t"), string.Empty));
        transaction.Main.Put("a"u8, "b"u8);
        transaction.Commit();
    }

    [Test]
    public void RenameTree_KeepsTheEntries_AndSnapshotsKeepTheOldName()
    {
        var old = Create("old", 50);
        Create("other", 3);
        using var before = _database.OpenSnapshot();
        using (var transaction = _database.BeginWrite())
        {
            Assert.Throws<TreeExistsException>(() => transaction.RenameTree(old, "other"));
            Assert.That(transaction.RenameTree(old, "old"), Is.EqualTo(old));
            var renamed = transaction.RenameTree(old, "new");
            Assert.That((renamed.Name, transaction[renamed].Count), Is.EqualTo(("new", 50L)));
            Assert.That((transaction.TreeExists(old), transaction.TreeExists(renamed)), Is.EqualTo((false, true)));
            Assert.That(transaction.Read(old, static (read, old) => read.TryGetTree(old, out _)), Is.False);
            transaction.Commit();
        }

        Assert.That(Names(), Is.EqualTo(new[] { "new", "other" }));
        Assert.That(before[old].All().Count(), Is.EqualTo(50));
        Assert.Throws<TreeNotFoundException>(() => before[_database.GetTree("new")].All().Any());
    }

    [Test]
    public void DropTree_FreesEveryPage_AndReadersOfItGoOn()
    {
        Create("keep", 1);
        var pages = _database.GetStatistics().TreePages;
        var tree = Create("t", 500);
        using (var reader = _database.OpenSnapshot())
        {
            using (var transaction = _database.BeginWrite())
            {
                Assert.That((transaction.TryDropTree(tree), transaction.TryDropTree(tree)), Is.EqualTo((true, false)));
                transaction.Commit();
            }

            Assert.That(reader[tree].All().Count(), Is.EqualTo(500));
        }

        Assert.That(_database.GetStatistics().TreePages, Is.EqualTo(pages));
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void CombinationsInOneTransaction_CommitOrAbort_AgreeWithAModel([Range(0, 7)] int seed, [Values] bool reopen)
    {
        using var directory = new TempDirectory();
        var database = reopen
            ? Database.Open(directory.DatabasePath, Sample.Options(Sample.TinyPage))
            : Sample.InMemory();
        try
        {
            var random = new Random(seed);
            string[] names = ["a", "b", "c", "d"];
            var model = new Dictionary<string, SortedDictionary<byte[], byte[]>>();
            for (var round = 0; round < 40; round++)
            {
                var draft = model.ToDictionary(
                    pair => pair.Key, pair => new SortedDictionary<byte[], byte[]>(pair.Value, ByteOrder.Instance));
                using (var transaction = database.BeginWrite())
                {
                    for (var i = 0; i < 12; i++)
                    {
                        Step(database, transaction, draft, random, names);
                    }

                    Assert.That(transaction.GetTreeNames(), Is.EqualTo(draft.Keys.Order(StringComparer.Ordinal)));
                    if (random.Next(4) != 0)
                    {
                        transaction.Commit(random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable);
                        model = draft;
                    }
                }

                if (reopen && random.Next(8) == 0)
                {
                    database.Dispose();
                    database = Database.Open(directory.DatabasePath, Sample.Options(Sample.TinyPage));
                }

                var all = Sample.ReadAll(database);
                Assert.That(all.Keys, Is.EquivalentTo(model.Keys.Append(string.Empty)));
                foreach (var (name, entries) in model)
                {
                    Sample.AssertSame(all[name], entries);
                }
            }

            var report = database.Check();
            Assert.That(report.IsOk, string.Join('\n', report.Problems));
        }
        finally
        {
            database.Dispose();
        }
    }

    private static void Step(
        Database database,
        WriteTransaction transaction,
        Dictionary<string, SortedDictionary<byte[], byte[]>> draft,
        Random random,
        string[] names)
    {
        var name = names[random.Next(names.Length)];
        var other = names[random.Next(names.Length)];
        var tree = database.GetTree(name);
        switch (random.Next(6))
        {
            case 0:
                transaction.CreateTree(name);
                draft.TryAdd(name, new(ByteOrder.Instance));
                break;
            case 1 when random.Next(2) == 0:
                Assert.That(transaction.TryDropTree(tree), Is.EqualTo(draft.Remove(name)));
                break;
            case 2 when draft.TryGetValue(name, out var moved) && (name == other || !draft.ContainsKey(other)):
                transaction.RenameTree(tree, other);
                draft.Remove(name);
                draft[other] = moved;
                break;
            case 3 when draft.TryGetValue(name, out var truncated) && random.Next(3) == 0:
                Assert.That(transaction[tree].Clear(), Is.EqualTo(truncated.Count));
                truncated.Clear();
                break;
            case 4 or 5 when draft.TryGetValue(name, out var entries):
                for (var i = 0; i < 15; i++)
                {
                    var (key, value) =
                        (Sample.Key(random.Next(60)), Sample.Bytes(random.Next(12) == 0 ? 700 : random.Next(50), i));
                    transaction[tree].Put(key, value);
                    entries[key] = value;
                }

                break;
        }
    }

    private Tree Create(string name, int entries)
    {
        using var transaction = _database.BeginWrite();
        var tree = transaction.CreateTree(name);
        for (var i = 0; i < entries; i++)
        {
            transaction[tree].Put(Sample.Key(i), Sample.Bytes(i % 300, i));
        }

        transaction.Commit();
        return tree;
    }

    private IReadOnlyList<string> Names() => _database.Read(0, static (read, _) => read.GetTreeNames());
}
