using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Loading many entries at once, sorted or not, within some memory.</summary>
[TestFixture]
public class BulkLoaderTests
{
    private static readonly BulkLoadOptions SmallMemory = new() { SortMemory = 64 * 1024 };

    private Database _database = null!;

    [SetUp]
    public void Open() =>
        _database = Database.OpenInMemory(
            new DatabaseOptions { TransactionMemory = 1 << 20, FlushInterval = Timeout.InfiniteTimeSpan });

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void RandomEntries_WithDuplicates_EndAsIfPutOneByOne(
        [Values(0, 1, 10, 1000, 30_000)] int count, [Values] bool smallMemory)
    {
        var random = new Random(count);
        var expected = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        foreach (var key in new[] { 5, 77, 1_000_000 })
        {
            Sample.Put(_database, Sample.Key(key), "old"u8);
            expected[Sample.Key(key)] = "old"u8.ToArray();
        }

        using (var transaction = _database.BeginWrite())
        {
            using var loader = transaction.Main.BeginLoad(smallMemory ? SmallMemory : null);
            for (var i = 0; i < count; i++)
            {
                var key = Sample.Key(random.Next(count))[..random.Next(2, 5)];
                var value = Sample.Bytes(random.Next(500) == 0 ? random.Next(100_000) : random.Next(80), i);
                loader.Add(key, value);
                expected[key] = value;
            }

            Assert.That(loader.Added, Is.EqualTo(count));
            loader.Complete();
            transaction.Commit();
        }

        var entries = Sample.ReadAll(_database)[string.Empty];
        Assert.That(entries.Keys, Is.EqualTo(expected.Keys).Using<byte[]>((a, b) => a.AsSpan().SequenceEqual(b)));
        foreach (var (key, value) in expected)
        {
            Sample.AssertBytes(entries[key], value);
        }

        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void AscendingEntries_FillTheirPages()
    {
        using (var transaction = _database.BeginWrite())
        {
            var tree = transaction.CreateTree("tree");
            using var loader = transaction[tree].BeginLoad();
            for (var i = 0; i < 100_000; i++)
            {
                loader.Add(Sample.Key(i), Sample.Bytes(20, i));
            }

            loader.Complete();
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        var statistics = read[_database.GetTree("tree")].GetStatistics();

        // A cell has 4 bytes of lengths and 6 of slot; the header has 32.
        var perPage = (4096 - 32) / (4 + 20 + 4 + 6);
        Assert.That(statistics.LeafPages, Is.EqualTo((ulong)((100_000 + perPage - 1) / perPage)));
        Assert.That(statistics.Entries, Is.EqualTo(100_000));
    }

    [Test, Sampled("seed", 2)]
    public void AscendingEntries_WithOtherOperationsBetweenThem_EndAsIfPutOneByOne(
        [Random(4)] int seed, [Values] bool inNamedTree)
    {
        var random = new Random(seed);
        var expected = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        using var transaction = _database.BeginWrite();
        var tree = inNamedTree ? transaction.CreateTree("tree") : _database.Main;
        using var loader = transaction[tree].BeginLoad(new BulkLoadOptions { Window = 64 * 1024 });
        var next = 0;
        for (var step = 0; step < 20_000; step++)
        {
            var other = Sample.Key(random.Next(next + 20));
            switch (random.Next(40))
            {
                case 0:
                    Assert.That(transaction[tree].Delete(other), Is.EqualTo(expected.Remove(other)));
                    break;
                case 1:
                    transaction[tree].Put(other, "other"u8);
                    expected[other] = "other"u8.ToArray();
                    break;
                case 2:
                    Assert.That(transaction[tree].Get(other), Is.EqualTo(expected.GetValueOrDefault(other)));
                    break;
                case 3:
                    Assert.That(transaction[tree].Count, Is.EqualTo(expected.Count));
                    break;
                default:
                    next += 1 + random.Next(3);
                    var value = Sample.Bytes(random.Next(300) == 0 ? random.Next(10_000) : random.Next(60), step);
                    loader.Add(Sample.Key(next), value);
                    expected[Sample.Key(next)] = value;
                    break;
            }
        }

        Assert.That(loader.IsSorting, Is.False);
        loader.Complete();
        transaction.Commit();
        var entries = Sample.ReadAll(_database)[inNamedTree ? "tree" : string.Empty];
        Assert.That(entries.Keys, Is.EqualTo(expected.Keys).Using<byte[]>((a, b) => a.AsSpan().SequenceEqual(b)));
        foreach (var (key, value) in expected)
        {
            Sample.AssertBytes(entries[key], value);
        }

        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void FirstKeyThatDoesNotAscend_StartsTheSort([Values(1, 2, 500)] int ascending, [Values] bool equal)
    {
        using var transaction = _database.BeginWrite();
        using var loader = transaction.Main.BeginLoad();
        for (var i = 1; i <= ascending; i++)
        {
            loader.Add(Sample.Key(i), "first"u8);
            Assert.That(loader.IsSorting, Is.False);
        }

        loader.Add(Sample.Key(equal ? ascending : 0), "second"u8);
        Assert.That(loader.IsSorting);
        loader.Complete();
        Assert.That(transaction.Main.Get(Sample.Key(equal ? ascending : 0)), Is.EqualTo("second"u8.ToArray()));
    }

    [Test]
    public void TemporaryFile_IsMadeWhereItWasAskedFor_AndVanishes()
    {
        using var directory = new TempDirectory();
        var options = new BulkLoadOptions { SortMemory = 64 * 1024, TempDirectory = directory.Root };
        using var transaction = _database.BeginWrite();
        using (var loader = transaction.Main.BeginLoad(options))
        {
            for (var i = 10_000; i > 0; i--)
            {
                loader.Add(Sample.Key(i), Sample.Bytes(20, i));
            }

            Assert.That(OpenSortFiles.In(directory.Root), Is.EqualTo(1));
            loader.Complete();
            Assert.That(OpenSortFiles.In(directory.Root), Is.Zero);
            Assert.That(Directory.GetFiles(directory.Root), Is.Empty);
        }

        var nowhere =
            new BulkLoadOptions { SortMemory = 64 * 1024, TempDirectory = Path.Combine(directory.Root, "nowhere") };
        using var failing = transaction.Main.BeginLoad(nowhere);
        var failure = Assert.Throws<DatabaseException>(() =>
        {
            for (var i = 10_000; i > 0; i--)
            {
                failing.Add(Sample.Key(i), Sample.Bytes(20, i));
            }
        });
        Assert.That(failure.Message, Does.Contain("TempDirectory"));
        Assert.Throws<InvalidOperationException>(() => failing.Add(Sample.Key(0), default));
        var refusal = Assert.Throws<InvalidOperationException>(() => transaction.Commit());
        Assert.That(refusal.InnerException, Is.SameAs(failure));
        Assert.That(_database.GetStatistics().Main.Entries, Is.Zero);
    }

    [Test]
    public void BadArguments_AreRefused()
    {
        using var transaction = _database.BeginWrite();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => transaction.Main.BeginLoad(new BulkLoadOptions { SortMemory = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => transaction.Main.BeginLoad(new BulkLoadOptions { SortMemory = 2L << 30 }));
        Assert.Throws<ArgumentException>(() => transaction.Main.BeginLoad(new BulkLoadOptions { TempDirectory = "" }));
        using var loader = transaction.Main.BeginLoad();
        var tooLong = new byte[_database.MaxKeyLength + 1];
        Assert.Throws<KeyTooLongException>(() => loader.Add(tooLong, default));
        loader.Add("b"u8, default);
        loader.Add("a"u8, default);
        Assert.Throws<KeyTooLongException>(() => loader.Add(tooLong, default));
        loader.Complete();
        Assert.That(transaction.Main.Count, Is.EqualTo(2));
    }
}
