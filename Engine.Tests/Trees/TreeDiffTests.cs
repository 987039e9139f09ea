using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Trees;

namespace Engine.Tests.Trees;

/// <summary>Two states of a tree side by side: what is found, and how many pages are looked into for it.</summary>
public class TreeDiffTests
{
    private Database _database = null!;
    private Snapshot _older = null!;

    [TearDown]
    public void Close()
    {
        _older.Dispose();
        _database.Dispose();
    }

    [Test]
    public void Difference_OfOneStateWithItself_LooksIntoNothing()
    {
        Start(5000);

        Assert.That(Compare(), Is.EqualTo((0L, 0UL)));
    }

    [Test]
    public void Difference_AfterAFewOverwrites_CostsTheirPaths()
    {
        Start(100_000, pageSize: 4096);
        Write(tree =>
        {
            for (var i = 0; i < 10; i++)
            {
                tree.Put(Sample.Key(i * 9973), [7]);
            }
        });

        var (changes, pages) = Compare();

        Assert.That(changes, Is.EqualTo(10));
        Assert.That(pages, Is.LessThanOrEqualTo(10 * 2 * Depth()));
    }

    [TestCase(100, 0)]
    [TestCase(0, 100)]
    [TestCase(50, 100)]
    public void Difference_AfterSplits_CostsThem(int before, int behind)
    {
        Start(5000);
        Write(tree =>
        {
            for (var i = 1; i <= before; i++)
            {
                tree.Put(Sample.Key(10_000 - i), Sample.Bytes(20, i));
            }

            for (var i = 0; i < 10; i++)
            {
                tree.Put([0, 0, 60, 1, (byte)i], Sample.Bytes(100, i));
            }

            for (var i = 0; i < behind; i++)
            {
                tree.Put(Sample.Key(20_000 + i), Sample.Bytes(20, i));
            }
        });

        var (changes, pages) = Compare();

        Assert.That(changes, Is.EqualTo(before + behind + 10));
        Assert.That(pages, Is.LessThanOrEqualTo(Bound(changes)));
    }

    [Test]
    public void Difference_AfterMerges_CostsThem()
    {
        Start(5000);
        Write(tree =>
        {
            for (var i = 2000; i < 2060; i++)
            {
                tree.Delete(Sample.Key(10_000 + i));
            }
        });

        var (changes, pages) = Compare();

        Assert.That(changes, Is.EqualTo(60));
        Assert.That(pages, Is.LessThanOrEqualTo(Bound(changes)));
    }

    [TestCase(0, 2500)]
    [TestCase(2500, 5000)]
    [TestCase(1000, 4000)]
    public void Difference_AfterHalfATreeIsGone_CostsThatHalf(int from, int to)
    {
        Start(5000);
        var leaves = Statistics().LeafPages;
        Write(tree => tree.DeleteRange(Sample.Key(10_000 + from), Sample.Key(10_000 + to)));
        Assert.That(leaves - Statistics().LeafPages, Is.GreaterThan(leaves / 3));

        var (changes, pages) = Compare();

        Assert.That(changes, Is.EqualTo(to - from));

        // The leaves that are gone, and a branch for every few of them.
        Assert.That(pages, Is.LessThanOrEqualTo(((ulong)(leaves - Statistics().LeafPages) * 5 / 4) + Bound(2)));
    }

    [Test]
    public void Difference_OfAShallowTreeWithADeepOne_CostsTheDeepOne()
    {
        Start(3);
        Write(tree =>
        {
            for (var i = 3; i < 3000; i++)
            {
                tree.Put(Sample.Key(10_000 + i), Sample.Bytes(20, i));
            }
        });

        var (changes, pages) = Compare();

        Assert.That(changes, Is.EqualTo(2997));
        Assert.That(pages, Is.LessThanOrEqualTo(1 + (ulong)Statistics().LeafPages + (ulong)Statistics().BranchPages));
    }

    [Test]
    public void Difference_WhenTheTreeHasGrownALevel_LeavesOutWhatIsBelow()
    {
        Start(1);
        var next = 1;
        var depth = Depth();
        while (depth < 4)
        {
            _older.Dispose();
            _older = _database.OpenSnapshot();
            Write(tree => tree.Put(Sample.Key(10_000 + next), Sample.Bytes(20, next)));
            next++;
            var (changes, pages) = Compare();
            Assert.That(changes, Is.EqualTo(1));
            Assert.That(pages, Is.LessThanOrEqualTo((ulong)(depth + (2 * Depth()))), "grown or not");
            depth = Depth();
        }
    }

    [Test]
    public void Difference_WithinARange_LooksForNothingElsewhere()
    {
        Start(20_000);
        Write(tree =>
        {
            for (var i = 0; i < 20_000; i += 10)
            {
                tree.Put(Sample.Key(10_000 + i), [7]);
            }
        });
        using var older = _older.BeginRead();
        using var newer = _database.BeginRead();

        var range = newer.Main.ChangesSince(older.Main).Range(Sample.Key(20_000), Sample.Key(20_100)).GetEnumerator();
        var count = 0;
        while (range.MoveNext())
        {
            Assert.That(range.CurrentKind, Is.EqualTo(ChangeKind.Changed));
            Assert.That(range.CurrentKey.SequenceEqual(Sample.Key(20_000 + (count * 10))));
            count++;
        }

        Assert.That(count, Is.EqualTo(10));
        Assert.That(range.PagesVisited, Is.LessThanOrEqualTo(Bound(count)));
    }

    [Test]
    public void Difference_OfATreeThatHasMorePagesThanItSays_IsCorruption()
    {
        Start(5000);
        Write(tree => tree.DeleteRange([], Sample.Key(20_000)));
        using var older = _older.BeginRead();
        using var newer = _database.BeginRead();
        var record = older.Main.Record with { LeafPages = 10, BranchPages = 2 };
        var diff = new TreeDiff(older.Main.Source, record, newer.Main.Source, default);

        var e = Assert.Throws<DatabaseCorruptException>(() =>
        {
            while (diff.MoveNext(default))
            {
            }
        });
        Assert.That(e.Message, Does.Contain("more pages than the 12 in its record"));
    }

    [Test]
    public void Difference_OfATreeOutOfOrder_IsCorruption()
    {
        var builder = new ImageBuilder();
        builder.Default.Fanout = 4;
        builder.Default.Fill(16);
        var image = builder.Build();
        var (left, right) = (image.Leaf(), image.Leaf(index: 1));
        SetChild(image, 0, right);
        SetChild(image, 1, left);
        image.Mend();
        _database = Database.Open(Storage(image.File), Sample.Options(builder.PageSize));
        _older = _database.OpenSnapshot();
        using var read = _older.BeginRead();
        var diff = new TreeDiff(read.Main.Source, default, read.Main.Source, read.Main.Record);

        Assert.Throws<DatabaseCorruptException>(() =>
        {
            while (diff.MoveNext(default))
            {
            }
        });
    }

    private static void SetChild(TestImage image, int index, ImagePage child)
    {
        var branch = image.Branch();
        var offset = PageLayout.HeaderSize + (4 * image.Get16(branch.Number, PageLayout.CountOffset)) + (12 * index);
        image.Set64(branch.Number, offset, child.Number);
        (child.Holder, child.HolderOffset) = (branch.Number, offset + 8);
    }

    private static MemoryStorage Storage(byte[] image)
    {
        var storage = new MemoryStorage();
        using (var file = storage.CreateTemporary())
        {
            file.Write(0, image);
        }

        storage.RenameTemporary();
        return storage;
    }

    private void Start(int entries, int pageSize = Sample.TinyPage)
    {
        _database = Sample.InMemory(pageSize);
        Sample.Fill(_database, 10_000, 10_000 + entries);
        _older = _database.OpenSnapshot();
    }

    private void Write(Action<TreeWriter> write)
    {
        using var transaction = _database.BeginWrite();
        write(transaction.Main);
        transaction.Commit();
    }

    private TreeStatistics Statistics()
    {
        using var read = _database.BeginRead();
        return read.Main.GetStatistics();
    }

    private int Depth() => Statistics().Depth;

    // Every change may touch a leaf in each tree and half a branch, and both ends of each run of changes their paths.
    private ulong Bound(long changes) => (ulong)(changes + (8 * Depth()));

    private (long Changes, ulong Pages) Compare()
    {
        using var older = _older.BeginRead();
        using var newer = _database.BeginRead();
        var there = Count(newer.Main.ChangesSince(older.Main));
        var back = Count(older.Main.ChangesSince(newer.Main));
        Assert.That(back, Is.EqualTo(there));
        return there;
    }

    private static (long Changes, ulong Pages) Count(TreeDifference difference)
    {
        var changes = difference.GetEnumerator();
        long count = 0;
        while (changes.MoveNext())
        {
            count++;
        }

        return (count, changes.PagesVisited);
    }
}
