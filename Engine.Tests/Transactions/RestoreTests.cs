using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Making all trees what they were in an older state.</summary>
public class RestoreTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void RollBackTo_RestoresEntriesNamesAndTrees()
    {
        using (var transaction = _database.BeginWrite())
        {
            Fill(transaction.Main, 300, 10);
            Fill(transaction[transaction.CreateTree("changed")], 300, 11);
            Fill(transaction[transaction.CreateTree("dropped", TreeOptions.Counted)], 300, 12);
            Fill(transaction[transaction.CreateTree("swapped 1")], 30, 13);
            Fill(transaction[transaction.CreateTree("swapped 2")], 30, 14);
            Fill(transaction[transaction.CreateTree("untouched")], 30, 15);
            transaction[transaction.CreateTree("large")].Put("k"u8, Sample.Bytes(5000, 1));
            transaction.Commit();
        }

        var before = Sample.ReadAll(_database);
        _database.CreateSnapshot("before");
        using (var transaction = _database.BeginWrite())
        {
            Fill(transaction.Main, 200, 3);
            transaction.Main.DeleteRange(Sample.Key(250), Sample.Key(280));
            Fill(transaction[_database.GetTree("changed")], 500, 2);
            transaction.DropTree("dropped");
            transaction.RenameTree("swapped 1", "x");
            transaction.RenameTree("swapped 2", "swapped 1");
            transaction.RenameTree("x", "swapped 2");
            Fill(transaction[transaction.CreateTree("created")], 100, 2);
            transaction[_database.GetTree("large")].Put("k"u8, Sample.Bytes(4000, 1));
            transaction.Commit();
        }

        var after = Sample.ReadAll(_database);
        _database.CreateSnapshot("after");
        foreach (var (name, content) in new[] { ("before", before), ("after", after), ("before", before) })
        {
            _database.RollBackTo(name);
            AssertSame(Sample.ReadAll(_database), content);
            Assert.That(_database.Check().IsOk, Is.True, name);
        }
    }

    [Test]
    public void RollBackTo_InTheMiddleOfATransaction_CanBeUndoneByASavepoint()
    {
        Sample.Fill(_database, 0, 100);
        var old = Sample.ReadAll(_database);
        using var snapshot = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 150, valueLength: 2);
        using (var transaction = _database.BeginWrite())
        {
            Fill(transaction[transaction.CreateTree("t")], 50, 4);
            var savepoint = transaction.Savepoint();
            transaction.RollBackTo(snapshot);
            Assert.That(transaction.Main.Count, Is.EqualTo(100));
            Assert.That(transaction.TreeExists("t"), Is.False);
            transaction.RollBackTo(savepoint);
            Assert.That(transaction.Main.Count, Is.EqualTo(150));
            Assert.That(transaction[_database.GetTree("t")].Count, Is.EqualTo(50));
            transaction.RollBackTo(snapshot);
            transaction.Commit();
        }

        AssertSame(Sample.ReadAll(_database), old);
        Assert.That(_database.Check().IsOk, Is.True);
    }

    [Test]
    public void RollBackTo_KeepsSequencesAndNames()
    {
        var sequence = _database.GetSequence("s");
        using (var transaction = _database.BeginWrite())
        {
            transaction[sequence].Next();
            transaction.CreateSnapshot("first");
            transaction.Commit();
        }

        using (var transaction = _database.BeginWrite())
        {
            transaction[sequence].Take(10);
            transaction.CreateSnapshot("second");
            transaction.Commit();
        }

        _database.RollBackTo("first");
        using var next = _database.BeginWrite();
        Assert.That(next[sequence].Next(), Is.EqualTo(12));
        Assert.That(
            _database.ListSnapshots().Select(static snapshot => snapshot.Name),
            Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public void RollBackTo_WhenATreeHasBecomeThatOfSequences_MakesItATreeOfItsOwn()
    {
        using (var transaction = _database.BeginWrite())
        {
            Fill(transaction[transaction.CreateTree("t")], 50, 4);
            transaction.CreateSnapshot("before");
            transaction.Commit();
        }

        using (var transaction = _database.BeginWrite())
        {
            transaction.RenameTree("t", Sequence.TreeName);
            transaction.Commit();
        }

        using var renamed = _database.OpenSnapshot();
        _database.RollBackTo("before");
        Assert.That(_database.Check().IsOk, Is.True);
        using var now = _database.OpenSnapshot();
        Assert.That(now[_database.GetTree("t")].Count, Is.EqualTo(50));
        Assert.That(now[_database.GetTree(Sequence.TreeName)].Count, Is.EqualTo(50));
        Assert.That(now.GetChangedTrees(renamed).Select(static tree => tree.Name), Is.EqualTo(new[] { "t" }));
    }

    [Test]
    public void RollBackTo_WithLittleMemory_IsTheSame()
    {
        using var database = Database.OpenInMemory(new DatabaseOptions
        {
            PageSize = Sample.TinyPage,
            AllowTestPageSizes = true,
            TransactionMemory = 1,
            EarlyWriteThreshold = 2000,
        });
        using (var transaction = database.BeginWrite())
        {
            Fill(transaction.Main, 700, 10);
            Fill(transaction[transaction.CreateTree("dropped")], 1500, 20);
            transaction[transaction.CreateTree("large")].Put("k"u8, Sample.Bytes(5000, 1));
            transaction.CreateExpiringTree("expiring");
            transaction.Commit();
        }

        var before = Sample.ReadAll(database);
        database.CreateSnapshot("before");
        using (var transaction = database.BeginWrite())
        {
            transaction.DropTree("dropped");
            transaction.DropTree("expiring");
            Fill(transaction[transaction.CreateTree("dropped")], 2000, 3);
            transaction.Main.DeleteRange(Sample.Key(100), Sample.Key(600));
            transaction[database.GetTree("large")].Put("k"u8, Sample.Bytes(4000, 1));
            transaction.RenameTree("large", "larger");
            transaction.Commit();
        }

        database.RollBackTo("before");
        AssertSame(Sample.ReadAll(database), before);
        Assert.That(database.Check().IsOk, Is.True);
    }

    [Test]
    public void RollBackTo_CostsWhatChanged()
    {
        Sample.Fill(_database, 0, 20000);
        _database.CreateSnapshot("before");
        Sample.Put(_database, Sample.Key(7), "x"u8);
        Sample.Put(_database, Sample.Key(15000), "x"u8);
        var pages = InUse();
        _database.RollBackTo("before");
        Assert.That(InUse() - pages, Is.LessThan(60));
        using var read = _database.BeginRead();
        Assert.That(read.Main.Get(Sample.Key(15000)), Is.EqualTo(Sample.Bytes(20, 15000)));
    }

    [Test]
    public void RollBackTo_DuringALoad_IsRefused()
    {
        using var snapshot = _database.OpenSnapshot();
        using var transaction = _database.BeginWrite();
        using var loader = transaction.Main.BeginLoad();
        loader.Add("a"u8, "b"u8);
        Assert.That(() => transaction.RollBackTo(snapshot), Throws.InvalidOperationException);
    }

    private long InUse()
    {
        var statistics = _database.GetStatistics();
        return statistics.PageCount - statistics.FreePages;
    }

    private static void Fill(TreeWriter tree, int count, int valueLength)
    {
        for (var i = 0; i < count; i++)
        {
            tree.Put(Sample.Key(i), Sample.Bytes(valueLength, i));
        }
    }

    private static void AssertSame(
        Dictionary<string, SortedDictionary<byte[], byte[]>> actual,
        Dictionary<string, SortedDictionary<byte[], byte[]>> expected)
    {
        Assert.That(Names(actual), Is.EqualTo(Names(expected)));
        foreach (var name in Names(expected))
        {
            Sample.AssertSame(actual[name], expected[name]);
        }

        static IEnumerable<string> Names(Dictionary<string, SortedDictionary<byte[], byte[]>> trees) =>
            trees.Keys.Where(static name => !name.StartsWith("engine:", StringComparison.Ordinal)).Order();
    }
}
