using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Transactions larger than their memory: some of what they do is in the file long before the commit.
/// </summary>
[TestFixture]
public class SpillTests : TransactionTest
{
    /// <summary>Room for so little that every few operations spill.</summary>
    private static DatabaseOptions Tiny(int budget) => new()
    {
        PageSize = Sample.TinyPage,
        AllowTestPageSizes = true,
        FlushInterval = Timeout.InfiniteTimeSpan,
        TransactionMemory = budget,
        EarlyWriteThreshold = 2000,
    };

    [Test]
    public void RandomChanges_OfTransactionsThatSpill_AreThoseOfOnesThatDoNot(
        [Values(0, 1000, 20_000)] int budget, [Random(2)] int seed)
    {
        using var storage = new FaultStorage();
        var random = new Random(seed);
        var model = new Dictionary<string, SortedDictionary<byte[], byte[]>>(StringComparer.Ordinal)
        {
            // The default tree is always there, also when every transaction so far was aborted.
            [string.Empty] = new(ByteOrder.Instance),
        };
        string[] names = [string.Empty, "one", "two"];
        for (var round = 0; round < 15; round++)
        {
            using (var database = Database.Open(storage, Tiny(budget)))
            {
                for (var transactions = 0; transactions < 4; transactions++)
                {
                    var next = names.ToDictionary(
                        name => name,
                        name => new SortedDictionary<byte[], byte[]>(
                            model.GetValueOrDefault(name, []), ByteOrder.Instance));
                    using var transaction = database.BeginWrite();
                    foreach (var name in names.Skip(1))
                    {
                        transaction.CreateTree(name);
                    }

                    ChangeAtRandom(random, transaction, next);
                    AssertSees(transaction, next);
                    if (random.Next(4) != 0)
                    {
                        transaction.Commit(random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable);
                        model = next;
                    }
                }

                Assert.That(
                    Sample.ReadAll(database), Is.EquivalentTo(model).Using<SortedDictionary<byte[], byte[]>>(AreEqual));
                database.Flush();
                var report = database.Check();
                Assert.That(report.IsOk, () => string.Join('\n', report.Problems));
            }

            using var reopened = Database.Open(storage, Tiny(budget));
            Assert.That(
                Sample.ReadAll(reopened), Is.EquivalentTo(model).Using<SortedDictionary<byte[], byte[]>>(AreEqual));
        }
    }

    [Test]
    public void Cursor_OverATreeThatSpillsBeneathIt_VisitsEveryEntryOnce()
    {
        using var database = Database.OpenInMemory(Tiny(0));
        Sample.Fill(database, 0, 500);
        using var transaction = database.BeginWrite();
        var cursor = transaction.Main.OpenCursor();
        var seen = 0;
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            Assert.That(cursor.Key.SequenceEqual(Sample.Key(seen)));
            Sample.AssertBytes(cursor.GetValue(), Sample.Bytes(20, seen));
            cursor.SetValue(Sample.Bytes(30, seen));
            Sample.AssertBytes(cursor.GetValue(), Sample.Bytes(30, seen));
            seen++;
        }

        Assert.That(seen, Is.EqualTo(500));
    }

    [Test]
    public void ValueOfTheTransaction_CanBePutAlthoughThatSpills()
    {
        using var database = Database.OpenInMemory(Tiny(0));
        using var transaction = database.BeginWrite();
        transaction.Main.Put(Sample.Key(0), Sample.Bytes(90, 7));
        var cursor = transaction.Main.OpenCursor();
        var value = new byte[90];
        for (var i = 1; i < 300; i++)
        {
            Assert.That(cursor.Seek(Sample.Key(i - 1)) && cursor.TryCopyValue(value, out _));
            transaction.Main.Put(Sample.Key(i), value);
        }

        transaction.Commit();
        Sample.AssertBytes(Get(database, Sample.Key(299)), Sample.Bytes(90, 7));
    }

    [Test]
    public void LargeTransaction_WritesBeforeItsCommit_AndIsOneCommit()
    {
        using var storage = new FaultStorage();
        var writes = 0;
        storage.BeforeWrite = _ => writes++;
        using var database = Database.Open(
            storage, new DatabaseOptions { TransactionMemory = 1024 * 1024, FlushInterval = Timeout.InfiniteTimeSpan });
        using var before = database.OpenSnapshot();
        using (var transaction = database.BeginWrite())
        {
            for (var i = 0; i < 100_000; i++)
            {
                transaction.Main.Put(Sample.Key(i * 7919 % 100_003), Sample.Bytes(100, i));
            }

            using (var read = database.BeginRead())
            {
                Assert.That(read.Main.Count, Is.Zero, "nothing is visible before the commit");
            }

            Assert.That(writes, Is.GreaterThan(100));
            transaction.Main.Put("big"u8, Bytes(3_000_000));
            transaction.Commit();
        }

        using (var read = before.BeginRead())
        {
            Assert.That(read.Main.Count, Is.Zero, "an older snapshot stays what it was");
        }

        Assert.That(Sample.ReadAll(database)[string.Empty], Has.Count.EqualTo(100_001));
        Sample.AssertBytes(Get(database, Sample.Key(7919)), Sample.Bytes(100, 1));
        Assert.That(database.Check().IsOk);

        // Pages that were written, changed and written again are used again: twice the live size would be a leak.
        var statistics = database.GetStatistics();
        Assert.That(statistics.PageCount, Is.LessThan(2 * 100_000 * 120 / 4096));
    }

    [Test]
    public void Abort_OfATransactionThatSpilled_GivesItsPagesBack()
    {
        using var database = Database.OpenInMemory(Tiny(1000));
        Sample.Fill(database, 0, 100);
        var before = database.GetStatistics().PageCount;
        for (var round = 0; round < 5; round++)
        {
            using var transaction = database.BeginWrite();
            for (var i = 0; i < 1000; i++)
            {
                transaction.Main.Put(Sample.Key(i), Sample.Bytes(50, i));
            }

            transaction.Abort();
            Assert.That(database.GetStatistics().PageCount, Is.EqualTo(before));
        }

        Assert.That(Sample.ReadAll(database)[string.Empty], Has.Count.EqualTo(100));
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void FullDisk_WhileSpilling_IsTold_AndOnlyTheTransactionIsLost()
    {
        using var storage = new FaultStorage();
        using var database = Database.Open(storage, Tiny(1000));
        Sample.Fill(database, 0, 10);
        using (var transaction = database.BeginWrite())
        {
            storage.BeforeWrite = static _ => throw FaultStorage.Full;
            Assert.Throws<DatabaseFullException>(() =>
            {
                for (var i = 0; i < 1000; i++)
                {
                    transaction.Main.Put(Sample.Key(i), Sample.Bytes(50, i));
                }
            });
            storage.BeforeWrite = null;
            Assert.Throws<InvalidOperationException>(() => transaction.Main.Put("a"u8, "1"u8));
            Assert.Throws<InvalidOperationException>(() => transaction.Commit());
        }

        Sample.Fill(database, 10, 20);
        Assert.That(Sample.ReadAll(database)[string.Empty], Has.Count.EqualTo(20));
        Assert.That(database.Check().IsOk);
    }

    private static void ChangeAtRandom(
        Random random, WriteTransaction transaction, Dictionary<string, SortedDictionary<byte[], byte[]>> model)
    {
        for (var i = random.Next(200); i > 0; i--)
        {
            var (name, entries) = model.ElementAt(random.Next(model.Count));
            var tree = name.Length == 0 ? transaction.Database.Main : transaction.Database.GetTree(name);
            var key = Sample.Key(random.Next(300));
            switch (random.Next(12))
            {
                case 0:
                    Assert.That(transaction[tree].Delete(key), Is.EqualTo(entries.Remove(key)));
                    break;
                case 1 when random.Next(4) == 0:
                    var to = Sample.Key(random.Next(300));
                    var gone = entries.Keys.Where(
                        k => k.AsSpan().SequenceCompareTo(key) >= 0 && k.AsSpan().SequenceCompareTo(to) < 0).ToList();
                    Assert.That(transaction[tree].DeleteRange(key, to), Is.EqualTo(gone.Count));
                    gone.ForEach(k => entries.Remove(k));
                    break;
                case 2 when random.Next(10) == 0:
                    Assert.That(transaction[tree].Clear(), Is.EqualTo(entries.Count));
                    entries.Clear();
                    break;
                default:
                    var value = Sample.Bytes(random.Next(8) == 0 ? random.Next(5000) : random.Next(60), random.Next());
                    transaction[tree].Put(key, value);
                    entries[key] = value;
                    break;
            }
        }
    }

    private static void AssertSees(
        WriteTransaction transaction, Dictionary<string, SortedDictionary<byte[], byte[]>> model)
    {
        foreach (var (name, entries) in model)
        {
            var tree = name.Length == 0 ? transaction.Database.Main : transaction.Database.GetTree(name);
            var copy = transaction.Read(tree, static (read, tree) => Sample.Copy(read[tree]));
            Assert.That(copy, Is.EqualTo(entries).Using<SortedDictionary<byte[], byte[]>>(AreEqual));
        }
    }

    private static bool AreEqual(SortedDictionary<byte[], byte[]> one, SortedDictionary<byte[], byte[]> other) =>
        one.Count == other.Count
        && one.Zip(other).All(
            pair => pair.First.Key.AsSpan().SequenceEqual(pair.Second.Key)
                && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value));
}
