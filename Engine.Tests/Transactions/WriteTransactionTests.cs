using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Changing entries, and how write transactions end.</summary>
public class WriteTransactionTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Changes_AreSeenByOthersOnlyAfterTheCommit()
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(Sample.Get(_database, "a"u8), Is.Null);
        var id = transaction.Commit();
        Assert.That(id, Is.EqualTo(transaction.TransactionId));
        Assert.That(Sample.Get(_database, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void PutTryAddAndDelete_SayWhatWasThere()
    {
        using var transaction = _database.BeginWrite();
        Assert.That(transaction.Main.TryAdd("a"u8, "1"u8));
        Assert.That(transaction.Main.TryAdd("a"u8, "2"u8), Is.False);
        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        transaction.Main.Put("a"u8, "3"u8);
        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("3"u8.ToArray()));
        Assert.That((transaction.Main.Delete("a"u8), transaction.Main.Delete("a"u8)), Is.EqualTo((true, false)));
        Assert.That(transaction.Main.Get("a"u8), Is.Null);
        Assert.That(transaction.Main.TryAdd("a"u8, "4"u8));
    }

    [TestCase(0, 300, 300)]
    [TestCase(0, 0, 0)]
    [TestCase(10, 5, 0)]
    [TestCase(100, 101, 1)]
    [TestCase(17, 290, 273)]
    [TestCase(-1, 5, 0, Description = "as bytes, -1 is the greatest")]
    [TestCase(299, 400, 1)]
    [TestCase(300, 400, 0)]
    public void DeleteRange_DeletesFromUpToBelowTo(int from, int to, int expected)
    {
        Sample.Fill(_database, 0, 300);
        using var transaction = _database.BeginWrite();
        Assert.That(transaction.Main.DeleteRange(Sample.Key(from), Sample.Key(to)), Is.EqualTo((ulong)expected));
        transaction.Commit();
        var left = Sample.ReadAll(_database)[string.Empty];
        Assert.That(left, Has.Count.EqualTo(300 - expected));
        Assert.That(
            left.Keys.Any(
                key => expected > 0 && ByteOrder.Instance.Compare(key, Sample.Key(from)) >= 0
                    && ByteOrder.Instance.Compare(key, Sample.Key(to)) < 0),
            Is.False);
    }

    [Test]
    public void DeleteFromAndTruncate_DeleteTheRest([Values] bool largeValues)
    {
        Sample.Fill(_database, 0, 300, largeValues ? 1000 : 20);
        using (var transaction = _database.BeginWrite())
        {
            Assert.That(transaction.Main.DeleteFrom(Sample.Key(100)), Is.EqualTo(200));
            Assert.That(transaction.Main.DeleteFrom(Sample.Key(100)), Is.Zero);
            transaction.Commit();
        }

        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(100));
        using (var transaction = _database.BeginWrite())
        {
            Assert.That(transaction.Main.Clear(), Is.EqualTo(100));
            Assert.That(transaction.Main.Clear(), Is.Zero);
            transaction.Main.Put("a"u8, "1"u8);
            transaction.Commit();
        }

        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(1));
        Assert.That(_database.GetStatistics().TreePages, Is.EqualTo(1));
    }

    [Test]
    public void KeysAndValues_OfTheSameTransaction_CanBeWritten()
    {
        Sample.Fill(_database, 0, 200, 50);
        using (var transaction = _database.BeginWrite())
        {
            // Entries move about in the pages that keys and values were copied from.
            var cursor = transaction.Main.OpenCursor();
            for (var i = 0; i < 200; i++)
            {
                Assert.That(cursor.SeekFloor(Sample.Key(i)));
                var expected = cursor.GetValue()[..(cursor.ValueLength / 2)];
                transaction.Main.Put(cursor.Key, expected);
                Assert.That(transaction.Main.Get(Sample.Key(i)), Is.EqualTo(expected));
            }

            for (var i = 0; i < 200; i += 2)
            {
                Assert.That(cursor.SeekFloor(Sample.Key(i)));
                Assert.That(transaction.Main.Delete(cursor.Key));
            }

            cursor.SeekFloor(Sample.Key(51));
            var from = cursor.Key;
            cursor.SeekFloor(Sample.Key(71));
            Assert.That(transaction.Main.DeleteRange(from, cursor.Key), Is.EqualTo(10));

            transaction.Commit();
        }

        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(90));
    }

    [Test]
    public void LargeValue_PutOverItself_IsKept([Values(1000, 300_000)] int length)
    {
        using var database = Database.OpenInMemory();
        using var transaction = database.BeginWrite();
        transaction.Main.Put("a"u8, Sample.Bytes(length, 1));
        transaction.Main.Put("a"u8, transaction.Main.Get("a"u8).AsSpan(1));

        Sample.AssertBytes(transaction.Main.Get("a"u8), Sample.Bytes(length, 1).AsSpan(1));
        transaction.Commit();
        Sample.AssertBytes(Sample.Get(database, "a"u8), Sample.Bytes(length, 1).AsSpan(1));
    }

    [Test]
    public async Task Transaction_ThatEnded_IsRefusedEverywhere_ButCanBeDisposed(
        [Values("commit", "abort", "dispose")] string end)
    {
        var transaction = _database.BeginWrite();
        var tree = transaction.CreateTree("t");
        var cursor = transaction.Main.OpenCursor();
        cursor.MoveToFirst();
        switch (end)
        {
            case "commit": transaction.Commit(); break;
            case "abort": transaction.Abort(); break;
            default: transaction.Dispose(); break;
        }

        // The next transaction runs on the same pooled state, and must not be touched.
        using var next = _database.BeginWrite();
        next.Main.Put("n"u8, "1"u8);
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Put("a"u8, "1"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.TryAdd("a"u8, "1"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Put("a"u8, 1, 0, static (_, _) => { }));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Delete("a"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.DeleteRange("a"u8, "b"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.DeleteFrom("a"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Get("a"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.TryGet("a"u8, default, out _));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.ContainsKey("a"u8));
        Assert.Throws<ObjectDisposedException>(() => _ = transaction.Main.Count);
        Assert.Throws<ObjectDisposedException>(() => transaction.GetTreeNames());
        Assert.Throws<ObjectDisposedException>(() => transaction.TreeExists(tree));
        Assert.Throws<ObjectDisposedException>(() => transaction.Read(0, static (read, _) => read.Main.Count));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.OpenCursor());
        Assert.Throws<ObjectDisposedException>(() => transaction.CreateTree("u"));
        Assert.Throws<ObjectDisposedException>(() => transaction.DropTree(tree));
        Assert.Throws<ObjectDisposedException>(() => transaction.TryDropTree(tree));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.DeletePrefix("a"u8));
        Assert.Throws<ObjectDisposedException>(() => _ = transaction.Main.GetStatistics());
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.BeginLoad());
        Assert.Throws<ObjectDisposedException>(() => transaction.RenameTree(tree, "v"));
        Assert.Throws<ObjectDisposedException>(() => transaction[tree].Clear());
        Assert.Throws<ObjectDisposedException>(() => transaction.Commit());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await transaction.CommitAsync());
        Assert.Throws<ObjectDisposedException>(transaction.Abort);
        Assert.Throws<ObjectDisposedException>(() => cursor.MoveToFirst());
        Assert.Throws<ObjectDisposedException>(() => cursor.Put("a"u8, "b"u8));
        transaction.Dispose();
        transaction.Dispose();
        next.Commit();
        Assert.That(Sample.Get(_database, "n"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Abort_LeavesNothing_AndTheIdIsUsedAgain()
    {
        Sample.Fill(_database, 0, 100);
        var before = _database.GetStatistics();
        ulong id;
        using (var transaction = _database.BeginWrite())
        {
            id = transaction.TransactionId;
            transaction[transaction.CreateTree("t")].Put("a"u8, Sample.Bytes(1000, 1));
            transaction.Main.DeleteRange(Sample.Key(10), Sample.Key(90));
            transaction.Main.Put("b"u8, Sample.Bytes(5000, 2));
        }

        Assert.That(_database.GetStatistics(), Is.EqualTo(before));
        using var next = _database.BeginWrite();
        Assert.That(next.TransactionId, Is.EqualTo(id));
    }

    [Test]
    public void Commit_OfNoChange_WritesNothing_AndGivesTheIdOfTheStateThatItSaw()
    {
        Sample.Put(_database, "a"u8, "1"u8);
        var before = _database.GetStatistics();
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Delete("absent"u8);
            Assert.That(transaction.Main.TryAdd("a"u8, "2"u8), Is.False);
            Assert.That(transaction.Main.DeleteRange("x"u8, "z"u8), Is.Zero);
            Assert.That(transaction.Commit(), Is.EqualTo(before.TransactionId));
        }

        Assert.That(_database.GetStatistics(), Is.EqualTo(before));
    }

    [Test]
    public async Task CommitAsync_PromisesWhatCommitDoes([Values] CommitMode mode)
    {
        var transaction = await _database.BeginWriteAsync();
        transaction.Main.Put("a"u8, "1"u8);
        var id = await transaction.CommitAsync(mode);
        var numbers = _database.GetStatistics();
        Assert.That(numbers.TransactionId, Is.EqualTo(id));
        Assert.That(numbers.DurableTransactionId, mode == CommitMode.Durable ? Is.EqualTo(id) : Is.LessThan(id));
    }

    [Test]
    public async Task CommitAsync_OfATransactionThatChangedNothing_ReturnsTheIdOfTheStateThatItSaw(
        [Values] CommitMode mode, [Values] bool isDeferred)
    {
        Sample.Put(_database, "a"u8, "1"u8, isDeferred ? CommitMode.Deferred : CommitMode.Durable);
        var before = _database.GetStatistics().TransactionId;
        await using var transaction = await _database.BeginWriteAsync();
        Assert.That(transaction.TransactionId, Is.GreaterThan(before));
        Assert.That(transaction.Main.Delete("absent"u8), Is.False);
        Assert.That(await transaction.CommitAsync(mode), Is.EqualTo(before).And.EqualTo(transaction.TransactionId));
        var numbers = _database.GetStatistics();
        Assert.That(numbers.TransactionId, Is.EqualTo(before));
        Assert.That(
            numbers.DurableTransactionId,
            mode == CommitMode.Durable || !isDeferred ? Is.EqualTo(before) : Is.LessThan(before));
    }

    [Test]
    public void Transaction_BegunOnOneThread_CanGoOnAndEndOnOthers()
    {
        var transaction = Task.Run(_database.BeginWrite).Result;
        Task.Run(() => transaction.Main.Put("a"u8, "1"u8)).Wait();
        Task.Run(() => transaction.Commit()).Wait();
        Assert.That(Sample.Get(_database, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void TwoThreads_InOneTransaction_AreToldInsteadOfCorruptingIt()
    {
        using var transaction = _database.BeginWrite();
        var refused = 0;
        var done = 0;
        var tasks = Enumerable.Range(0, 2).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                try
                {
                    transaction.Main.Put(Sample.Key((i * 2) + t), "value"u8);
                    Interlocked.Increment(ref done);
                    transaction.Main.Get(Sample.Key(i));
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        })).ToArray();
        Assert.That(Task.WaitAll(tasks, TimeSpan.FromSeconds(60)));
        transaction.Commit();
        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(done));
        TestContext.Out.WriteLine($"{refused} refused, {done} done");
    }

    [Test]
    public void FillCallback_ThatUsesItsTransaction_IsRefused_AndThatTransactionCanOnlyBeAborted()
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "1"u8);
            Assert.Throws<InvalidOperationException>(() =>
                transaction.Main.Put("b"u8, 10, transaction, (_, inner) => inner.Main.Put("c"u8, "2"u8)));
            Assert.Throws<InvalidOperationException>(() => transaction.Commit());
        }

        Assert.That(Sample.ReadAll(_database)[string.Empty], Is.Empty);
        Sample.Put(_database, "a"u8, "2"u8);
    }

    [Test]
    public void Transaction_AfterAnOperationFailedMidway_RefusesFurtherChangesAndTheCommit(
        [Values(10, 300_000)] int length)
    {
        using (var transaction = _database.BeginWrite())
        {
            Assert.Throws<FormatException>(
                () => transaction.Main.Put("b"u8, length, 0, static (_, _) => throw new FormatException()));
            Assert.Throws<InvalidOperationException>(() => transaction.Main.Put("c"u8, "1"u8));
            Assert.Throws<InvalidOperationException>(() => transaction.Commit());
        }

        Assert.That(Sample.ReadAll(_database)[string.Empty], Is.Empty);
        Sample.Put(_database, "a"u8, "2"u8);
        Assert.That(Sample.Get(_database, "a"u8), Is.EqualTo("2"u8.ToArray()));
    }
}
