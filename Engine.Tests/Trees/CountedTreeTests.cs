using Engine.Pages;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Trees;

/// <summary>Counted trees against a sorted set: ranks, indexes, ranges and parts, whatever was done to them.</summary>
[TestFixture]
public class CountedTreeTests
{
    private const int PageSize = 256;

    private TempDirectory _directory = null!;
    private Database _database = null!;
    private Tree _tree = null!;

    [SetUp]
    public void Create()
    {
        _directory = new TempDirectory();
        _database = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { PageSize = PageSize, AllowTestPageSizes = true });
        using var transaction = _database.BeginWrite();
        _tree = transaction.CreateTree("counted", TreeOptions.Counted);
        transaction.Commit();
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Ranks_WithinTransactionsAndAfterThem_AreThoseOfASortedSet(int seed)
    {
        var random = new Random(seed);
        var model = new SortedSet<byte[]>(ByteOrder.Instance);
        for (var round = 0; round < 12; round++)
        {
            using var transaction = _database.BeginWrite();
            var tree = transaction[_tree];
            for (var i = 0; i < 150; i++)
            {
                Change(tree, model, random);
                if (i % 10 == 0)
                {
                    RequireRanks(tree, model, random);
                }
            }

            transaction.Commit();
            using var read = _database.BeginRead();
            RequireAll(read[_tree], [.. model]);
        }

        Assert.That(_database.Check().IsOk);
        Assert.That(model, Has.Count.GreaterThan(100), "the tree has several levels");
    }

    [Test]
    public void Load_OfEntriesInAnyOrder_IsCounted([Values] bool isSorted)
    {
        var keys = Enumerable.Range(0, 5000).Select(static i => Sample.Key(i)).ToArray();
        if (!isSorted)
        {
            new Random(1).Shuffle(keys);
        }

        using (var transaction = _database.BeginWrite())
        {
            transaction[_tree].Load(keys.Select(static key => new KeyValuePair<byte[], byte[]>(key, [1])));
            Assert.That(transaction[_tree].Rank(Sample.Key(777)), Is.EqualTo(777));
            transaction[_tree].Put(Sample.Key(6000), [1]);
            Assert.That(transaction[_tree].ElementAt(5000).Key, Is.EqualTo(Sample.Key(6000)));
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        RequireAll(read[_tree], [.. keys.Order(ByteOrder.Instance), Sample.Key(6000)]);
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void EmptyTree_HasNoRanks()
    {
        using var read = _database.BeginRead();
        var tree = read[_tree];
        Assert.That(tree.Rank("x"u8), Is.Zero);
        Assert.That(tree.TryGetAt(0, out _), Is.False);
        Assert.That(tree.TryGetRandom(new Random(1), out _), Is.False);
        Assert.That(tree.CountRange("a"u8, "z"u8), Is.Zero);
        Assert.That(tree.Partition(4), Is.Empty);
        Assert.That(tree.All().Skip(1).Count(), Is.Zero);
    }

    [Test]
    public void Index_ThatThereIsNot_IsRefused([Values(-1, 3, long.MaxValue)] long index)
    {
        Fill(3);
        using var snapshot = _database.OpenSnapshot();
        Assert.That(() => snapshot[_tree].ElementAt(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var transaction = _database.BeginWrite();
        Assert.That(() => transaction[_tree].ElementAt(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        transaction[_tree].Put("goes on"u8, []);
    }

    [Test]
    public void PlainTree_SaysWhatItCannotDo()
    {
        Refuse(static read => read.Main.Rank("x"u8));
        Refuse(static read => read.Main.ElementAt(0).Key.Length);
        Refuse(static read => read.Main.CountRange("a"u8, "b"u8));
        Refuse(static read => read.Main.CountPrefix("a"u8));
        Refuse(static read => read.Main.Partition(2).Length);
        Refuse(static read => read.Main.All().Skip(1).Count());
        Refuse(static read => read.Main.All().Reverse().Skip(1).Count());
        Refuse(static read => read.Main.TryGetRandom(new Random(1), out _) ? 1 : 0);
        using var transaction = _database.BeginWrite();
        Assert.Throws<InvalidOperationException>(() => transaction.Main.Rank("x"u8));
        transaction.Main.Put("goes on"u8, []);

        void Refuse(ReadFunc<long> read)
        {
            var error = Assert.Throws<InvalidOperationException>(() => _database.Read(read));
            Assert.That(error.Message, Does.Contain("TreeOptions.Counted"));
        }
    }

    [Test]
    public void Options_AreFixed_AndGoWithTheName()
    {
        Fill(100);
        using var transaction = _database.BeginWrite();
        Assert.Throws<TreeOptionsException>(() => transaction.CreateTree("counted", TreeOptions.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => transaction.CreateTree("other", (TreeOptions)64));
        Assert.That(transaction.CreateTree("counted"), Is.EqualTo(_tree), "as it is");
        var renamed = transaction.RenameTree(_tree, "renamed");
        Assert.That(transaction[renamed].Rank(Sample.Key(50)), Is.EqualTo(50));
        Assert.That(transaction[renamed].GetStatistics().Options, Is.EqualTo(TreeOptions.Counted));
        transaction.DropTree(renamed);
        var again = transaction.CreateTree("renamed");
        Assert.That(transaction[again].GetStatistics().Options, Is.EqualTo(TreeOptions.None));
    }

    [Test]
    public void Partition_GivesPartsOfTheSameSize(
        [Values(1, 2, 3, 7, 100)] int parts, [Values(0, 1, 5, 1000)] int entries)
    {
        Fill(entries);
        using var read = _database.BeginRead();
        var borders = read[_tree].Partition(parts);
        var sizes = new List<long>();
        byte[] from = [];
        foreach (var border in borders)
        {
            sizes.Add(read[_tree].CountRange(from, border));
            from = border;
        }

        sizes.Add(read[_tree].From(from).Count());
        Assert.That(sizes.Sum(), Is.EqualTo(entries));
        Assert.That(sizes.Max() - sizes.Min(), Is.LessThanOrEqualTo(1));
        Assert.That(sizes, Has.Count.EqualTo(Math.Clamp(entries, 1, parts)));
    }

    [Test]
    public void RandomEntries_AreAllAsLikely()
    {
        const int Entries = 300;
        const int Throws = 30_000;
        Fill(Entries);
        var random = new Random(1);
        var seen = new int[Entries];
        using var read = _database.BeginRead();
        for (var i = 0; i < Throws; i++)
        {
            Assert.That(read[_tree].TryGetRandom(random, out var entry));
            seen[(int)read[_tree].Rank(entry.Key)]++;
        }

        Assert.That(seen, Has.All.InRange(Throws / Entries / 2, Throws / Entries * 2));
    }

    [Test]
    public void Counts_ThatAreWrong_AreFoundByTheCheck_AndGiveATypedError()
    {
        Fill(2000);
        using (var transaction = _database.BeginWrite())
        {
            // A child that the transaction does not change keeps what its parent says of it.
            transaction[_tree].Put(Sample.Key(0), "changed"u8);
            using (transaction.Enter(out var context))
            {
                var record = context.Resolve(_tree.Id);
                var root = new BranchPage(context.View.Source.Get(record.Root, 0, record.Depth - 1));
                root.SetEntryCount(root.Count - 1, root.EntryCount(root.Count - 1) - 3);
            }

            transaction.Commit();
        }

        var report = _database.Check();
        Assert.That(report.Problems.Select(static problem => problem.Rule), Does.Contain("entry-count"));
        using var read = _database.BeginRead();
        Assert.That(Last(read), Is.False);
        Assert.That(read[_tree].Rank(Sample.Key(1)), Is.EqualTo(1), "what the count does not concern");

        // Never another entry than the one that was asked for by a number that is right.
        bool Last(ReadTransaction read)
        {
            try
            {
                return read[_tree].ElementAt(1999).Key.SequenceEqual(Sample.Key(1999));
            }
            catch (DatabaseCorruptException)
            {
                return false;
            }
        }
    }

    [Test]
    public void Reads_AllocateNothing()
    {
        Fill(1000);
        var key = Sample.Key(500);
        using var read = _database.BeginRead();
        var tree = read[_tree];
        long sum = 0;
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            sum += tree.Rank(key) + tree.CountRange(key, "z"u8) + tree.CountPrefix("k"u8) + tree.All().Skip(5).Count();
            sum += tree.TryGetAt(700, out var entry) ? entry.Value.Length : 0;
            foreach (var (_, value) in tree.From(key).Skip(10).Take(10))
            {
                sum += value.Length;
            }

            if (i == 2)
            {
                Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
            }
        }

        Assert.That(sum, Is.Positive);
    }

    private static void Change(TreeWriter tree, SortedSet<byte[]> model, Random random)
    {
        var key = Sample.Key(random.Next(400));
        switch (random.Next(100))
        {
            case 0:
                var to = Sample.Key(random.Next(400));
                var removed = model.RemoveWhere(
                    k => ByteOrder.Instance.Compare(key, k) <= 0 && ByteOrder.Instance.Compare(k, to) < 0);
                Assert.That(tree.DeleteRange(key, to), Is.EqualTo(removed));
                break;
            case < 25:
                Assert.That(tree.Delete(key), Is.EqualTo(model.Remove(key)));
                break;
            default:
                tree.Put(key, new byte[random.Next(40)]);
                model.Add(key);
                break;
        }
    }

    private static void RequireRanks(TreeWriter tree, SortedSet<byte[]> model, Random random)
    {
        var key = Sample.Key(random.Next(400));
        var keys = model.ToList();
        var rank = keys.Count(k => ByteOrder.Instance.Compare(k, key) < 0);
        Assert.That(tree.Rank(key), Is.EqualTo(rank));
        if (rank < keys.Count)
        {
            Assert.That(tree.ElementAt(rank).Key, Is.EqualTo(keys[rank]));
        }
    }

    private static void RequireAll(TreeReader tree, byte[][] keys)
    {
        Assert.That(tree.Count, Is.EqualTo(keys.Length));
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.That(tree.Rank(keys[i]), Is.EqualTo(i));
            Assert.That(tree.ElementAt(i).Key.SequenceEqual(keys[i]));
        }

        Assert.That(tree.TryGetAt(keys.Length, out _), Is.False);
    }

    private void Fill(int entries)
    {
        using var transaction = _database.BeginWrite();
        for (var i = 0; i < entries; i++)
        {
            transaction[_tree].Put(Sample.Key(i), "value"u8);
        }

        transaction.Commit();
    }
}
