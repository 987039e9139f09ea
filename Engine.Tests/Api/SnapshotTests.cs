using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Snapshots: states that stay readable across threads, awaits and whatever the writer does.</summary>
public class SnapshotTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public async Task Snapshot_AcrossAwaitsAndThreads_ReadsOneState()
    {
        Sample.Fill(_database, 0, 100);
        using var snapshot = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 200, valueLength: 3);
        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Count(snapshot))));
        Assert.That(counts, Is.All.EqualTo(100));
        Assert.That(snapshot.TransactionId, Is.LessThan(_database.GetStatistics().TransactionId));

        static long Count(Snapshot snapshot)
        {
            using var read = snapshot.BeginRead();
            Assert.That(read.Main.Get(Sample.Key(7)), Is.EqualTo(Sample.Bytes(20, 7)));
            return read.Main.Count;
        }
    }

    [Test]
    public void Snapshot_WhenDisposed_IsRefused_ButItsOpenReadTransactionGoesOn()
    {
        Sample.Fill(_database, 0, 100);
        var snapshot = _database.OpenSnapshot();
        using var read = snapshot.BeginRead();
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { using var another = snapshot.BeginRead(); });
        Assert.Throws<ObjectDisposedException>(() => snapshot.Main.All().Any());
        for (var i = 0; i < 30; i++)
        {
            Sample.Fill(_database, 0, 100, valueLength: i);
        }

        Sample.AssertSame(Sample.Copy(read.Main), Expected(100, 20));
    }

    [Test]
    public void Snapshot_ReadByKey_CopiesWhatItsStateHas()
    {
        Sample.Put(_database, "a"u8, "old"u8);
        using var snapshot = _database.OpenSnapshot();
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "new value"u8);
            transaction[transaction.CreateTree("t")].Put("k"u8, "v"u8);
            transaction.Commit();
        }

        var tree = _database.GetTree("t");
        Span<byte> buffer = stackalloc byte[3];
        Assert.That(snapshot.Main.Get("a"u8), Is.EqualTo("old"u8.ToArray()));
        Assert.That(snapshot.Main.Get("b"u8), Is.Null);
        Assert.That(
            snapshot.Main.TryGet("a"u8, buffer[..2], out var length),
            Is.EqualTo(GetResult.DestinationTooSmall));
        Assert.That((length, buffer[0]), Is.EqualTo((3, (byte)0)));
        Assert.That(snapshot.Main.TryGet("a"u8, buffer, out length), Is.EqualTo(GetResult.Found));
        Assert.That((length, buffer.SequenceEqual("old"u8)), Is.EqualTo((3, true)));
        Assert.That(snapshot.Main.TryGet("b"u8, buffer, out length), Is.EqualTo(GetResult.NotFound));
        Assert.That(length, Is.Zero);
        Assert.That(
            (snapshot.Main.ContainsKey("a"u8), snapshot.Main.ContainsKey("b"u8)),
            Is.EqualTo((true, false)));
        Assert.Throws<TreeNotFoundException>(() => snapshot[tree].Get("k"u8));
        using var later = _database.OpenSnapshot();
        Assert.That(later[tree].Get("k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public void Enumerate_GivesCopiesInPieces_WithinItsBounds()
    {
        Sample.Fill(_database, 0, 1000);
        using (var transaction = _database.BeginWrite())
        {
            transaction[transaction.CreateTree("t")].Put("k"u8, "v"u8);
            transaction.Commit();
        }

        using var snapshot = _database.OpenSnapshot();
        Assert.That(
            snapshot.Main.All().Select(entry => entry.Key),
            Is.EqualTo(Enumerable.Range(0, 1000).Select(Sample.Key)));
        Assert.That(snapshot.Main.Range(Sample.Key(100), Sample.Key(300)).Count(), Is.EqualTo(200));
        Assert.That(snapshot.Main.From(Sample.Key(900)).Count(), Is.EqualTo(100));
        Assert.That(snapshot.Main.Until(Sample.Key(100)).Count(), Is.EqualTo(100));
        Assert.That(snapshot.Main.Range(Sample.Key(5), Sample.Key(5)), Is.Empty);
        Assert.That(snapshot.Main.Range(Sample.Key(5), Sample.Key(4)), Is.Empty);
        Assert.That(snapshot[_database.GetTree("t")].All().Single().Value, Is.EqualTo("v"u8.ToArray()));
        Assert.Throws<TreeNotFoundException>(() => snapshot[_database.GetTree("u")].All().Any());
    }

    [Test]
    public void Enumerate_OfKeysOfTheLongestLength_NeitherSkipsNorRepeats()
    {
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < 250; i++)
            {
                var key = new byte[_database.MaxKeyLength];
                Array.Fill(key, (byte)0xFF);
                key[0] = (byte)i;
                transaction.Main.Put(key, default);
            }

            transaction.Commit();
        }

        using var snapshot = _database.OpenSnapshot();
        Assert.That(snapshot.Main.All().Select(entry => (int)entry.Key[0]), Is.EqualTo(Enumerable.Range(0, 250)));
    }

    [Test]
    public void HeldReaders_WhileTheFileGrowsShrinksAndGrowsAgain_KeepTheirStates([Values] bool inMemory)
    {
        using var directory = new TempDirectory();
        using var database = inMemory
            ? Sample.InMemory(512)
            : Database.Open(directory.DatabasePath, Sample.Options(512));
        var held = new Queue<(Snapshot Snapshot, SortedDictionary<byte[], byte[]> Expected)>();
        var model = new SortedDictionary<byte[], byte[]>(ByteOrder.Instance);
        var random = new Random(3);
        var lengths = new HashSet<long>();
        for (var round = 0; round < 120; round++)
        {
            using (var transaction = database.BeginWrite())
            {
                if (round % 20 == 19)
                {
                    transaction.Main.DeleteFrom(Sample.Key(50));
                    foreach (var key in model.Keys.Where(
                        key => ByteOrder.Instance.Compare(key, Sample.Key(50)) >= 0).ToList())
                    {
                        model.Remove(key);
                    }
                }

                for (var i = 0; i < 40; i++)
                {
                    var (key, value) = (Sample.Key(random.Next(2000)), Sample.Bytes(random.Next(1500), i));
                    transaction.Main.Put(key, value);
                    model[key] = value;
                }

                transaction.Commit(round % 2 == 0 ? CommitMode.Durable : CommitMode.Deferred);
            }

            lengths.Add(database.GetStatistics().FileLength);
            held.Enqueue((database.OpenSnapshot(), new(model, ByteOrder.Instance)));
            if (held.Count > 12 || round % 20 == 10)
            {
                Check(held.Dequeue());
            }
        }

        Assert.That(lengths, Has.Count.GreaterThan(3), "several map generations");
        while (held.TryDequeue(out var item))
        {
            Check(item);
        }

        static void Check((Snapshot Snapshot, SortedDictionary<byte[], byte[]> Expected) item)
        {
            using (var read = item.Snapshot.BeginRead())
            {
                Sample.AssertSame(Sample.Copy(read.Main), item.Expected);
            }

            item.Snapshot.Dispose();
        }
    }

    [Test]
    public void Readers_OnManyThreads_WhileTheWriterRewritesEverything_SeeWholeTransactions()
    {
        Sample.Fill(_database, 0, 200, valueLength: 8);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var reads = 0;
            while (!stop.IsCancellationRequested || reads == 0)
            {
                using var read = _database.BeginRead();
                int? length = null;
                var count = 0;
                foreach (var (_, value) in read.Main.All())
                {
                    length ??= value.Length;
                    Assert.That(value.Length, Is.EqualTo(length));
                    count++;
                }

                Assert.That(count, Is.EqualTo(200));
                reads++;
            }
        })).ToArray();
        for (var i = 0; i < 150; i++)
        {
            Sample.Fill(_database, 0, 200, valueLength: i % 120);
        }

        stop.Cancel();
        Assert.That(Task.WaitAll(readers, Patience.Limit));
    }

    private static SortedDictionary<byte[], byte[]> Expected(int count, int valueLength) =>
        new(Enumerable.Range(0, count).ToDictionary(Sample.Key, i => Sample.Bytes(valueLength, i)), ByteOrder.Instance);
}
