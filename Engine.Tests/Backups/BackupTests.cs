using Engine.Tests.Infrastructure;
using static Engine.Tests.Backups.BackupFixture;

namespace Engine.Tests.Backups;

/// <summary>What is backed up is what is restored, whatever was in it and whatever happens meanwhile.</summary>
public class BackupTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void FullBackup_RestoresEverything([Values] BackupCompression compression)
    {
        FillTrees();
        using var snapshot = _database.OpenSnapshot();
        using var restored = OpenRestored(Sample.TinyPage, BackUp(snapshot, null, compression));

        AssertSame(Sample.ReadAll(restored), Sample.ReadAll(_database));
        Assert.That(restored.GetMultiTree("pairs"), Is.Not.Null);
    }

    [Test]
    public void Backup_OfAnEmptyDatabase_RestoresAnEmptyOne()
    {
        using var restored = OpenRestored(Sample.TinyPage, BackUp(_database));
        Assert.That(Sample.ReadAll(restored).Single().Value, Is.Empty);
    }

    [Test]
    public void Chain_RestoresEachOfItsPoints_AndThatCanBeWrittenTo()
    {
        var chain = new List<byte[]>();
        var expected = new List<Dictionary<string, SortedDictionary<byte[], byte[]>>>();
        var last = _database.OpenSnapshot();
        for (var i = 0; i < 6; i++)
        {
            Change(i);
            var next = _database.OpenSnapshot();
            chain.Add(BackUp(next, i == 0 ? null : last, (BackupCompression)(i % 3)));
            expected.Add(Sample.ReadAll(_database));
            last.Dispose();
            last = next;
        }

        last.Dispose();
        for (var i = 1; i <= chain.Count; i++)
        {
            using var restored = OpenRestored(Sample.TinyPage, [.. chain[..i]]);
            AssertSame(Sample.ReadAll(restored), expected[i - 1]);
            Sample.Fill(restored, 0, 300, 30);
            Assert.That(restored.Check().IsOk);
        }
    }

    [Test]
    public void Increment_HasThePagesThatWereWritten_AndNoOthers()
    {
        Sample.Fill(_database, 0, 3000);
        using var before = _database.OpenSnapshot();
        for (var i = 0; i < 10; i++)
        {
            Sample.Put(_database, Sample.Key(i * 300), Sample.Bytes(20, -i));
        }

        using var after = _database.OpenSnapshot();
        const int Depth = 4;
        var stream = new MemoryStream();
        var info = after.BackUp(stream, new BackupOptions { Since = before });

        Assert.That(info.Pages, Is.LessThanOrEqualTo(10 * Depth).And.GreaterThan(10));
        Assert.That(stream.Length, Is.LessThan((1.2 * info.Pages!.Value * Sample.TinyPage) + 300));
    }

    [Test]
    public void Chain_OverRollbacksRenamesAndTreesMadeAnew_IsTheState([Values(256, 4096, 65536)] int pageSize)
    {
        using var database = Sample.InMemory(pageSize);
        var steps = new Action<WriteTransaction, Snapshot>[]
        {
            static (tx, _) =>
            {
                Fill(tx, "a", TreeOptions.None);
                Fill(tx, "b", TreeOptions.Counted);
                tx.Main.Put("k"u8, Sample.Bytes(200_000, 1));
            },
            static (tx, _) => tx.RenameTree("a", "c"),
            static (tx, _) =>
            {
                tx.DropTree("b");
                Fill(tx, "b", TreeOptions.Counted);
                tx.Main.Put("l"u8, "1"u8);
            },
            static (tx, old) => tx.RollBackTo(old),
            static (tx, _) =>
            {
                tx.DropTree("a");
                tx.RenameTree("b", "a");
                tx.Main.Put("m"u8, "1"u8);
            },
            static (tx, old) => tx.RollBackTo(old),
            static (tx, _) => tx.Main.Clear(),
        };
        var chain = new List<byte[]>();
        Snapshot? first = null;
        Snapshot? last = null;
        try
        {
            foreach (var step in steps)
            {
                using (var transaction = database.BeginWrite())
                {
                    step(transaction, first!);
                    transaction.Commit();
                }

                var next = database.OpenSnapshot();
                chain.Add(BackUp(next, last));
                if (last != first)
                {
                    last?.Dispose();
                }

                last = next;
                first ??= next;
                using var restored = OpenRestored(pageSize, [.. chain]);
                AssertSame(Sample.ReadAll(restored), Sample.ReadAll(database));
            }
        }
        finally
        {
            last?.Dispose();
            first?.Dispose();
        }

        static void Fill(WriteTransaction transaction, string name, TreeOptions options)
        {
            var tree = transaction.CreateTree(name, options);
            for (var i = 0; i < 300; i++)
            {
                transaction[tree].Put(Sample.Key(i), Sample.Bytes(i % 50 == 0 ? 3000 : 12, i));
            }
        }
    }

    private void Change(int round)
    {
        if (round == 0)
        {
            FillTrees();
            return;
        }

        using var transaction = _database.BeginWrite();
        for (var i = 0; i < 20; i++)
        {
            transaction.Main.Put(Sample.Key(i * round * 7), Sample.Bytes(i % 5 == 0 ? 1000 : 10, i + round));
            transaction.Main.Delete(Sample.Key(i * round * 11));
        }

        transaction.Commit(round % 2 == 0 ? CommitMode.Deferred : CommitMode.Durable);
    }

    private void FillTrees()
    {
        using var transaction = _database.BeginWrite();
        for (var i = 0; i < 300; i++)
        {
            transaction.Main.Put(Sample.Key(i), Sample.Bytes(i % 20 == 0 ? 3000 : 20, i));
        }

        for (var tree = 0; tree < 12; tree++)
        {
            var options = tree % 2 == 0 ? TreeOptions.Counted : TreeOptions.None;
            var writer = transaction[transaction.CreateTree($"t{tree}", options)];
            for (var i = 0; i < tree * 20; i++)
            {
                writer.Put(Sample.Key(i), Sample.Bytes(i % 30 == 0 ? 600 : 5, i));
            }
        }

        var pairs = transaction[transaction.CreateMultiTree("pairs")];
        for (var i = 0; i < 100; i++)
        {
            pairs.Add(Sample.Key(i / 10), Sample.Key(i));
        }

        transaction.Commit();
    }
}
