using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>The feed of changes, and consumers that keep their place in it.</summary>
public class ChangeFeedTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TempDirectory _directory = null!;
    private Database _database = null!;
    private CancellationTokenSource _stop = null!;

    [SetUp]
    public void Open()
    {
        _directory = new TempDirectory();
        _database = Database.Open(_directory.DatabasePath);
        _stop = new CancellationTokenSource(Patience);
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
        _stop.Dispose();
    }

    [Test]
    public async Task Changes_OfAReaderThatKeepsUp_AreEachCommitsOwn()
    {
        Put("before", "1");
        await using var feed = _database.Changes(_stop.Token).GetAsyncEnumerator();
        var first = feed.MoveNextAsync();
        for (var i = 0; i < 5; i++)
        {
            var id = Put("k", $"{i}");
            Assert.That(await first, Is.True);
            Assert.That(feed.Current.TransactionId, Is.EqualTo(id));
            Assert.That(Describe(feed.Current), Is.EqualTo(i == 0 ? "Added k" : "Changed k"));
            first = feed.MoveNextAsync();
        }

        _stop.Cancel();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Changes_OfAReaderThatIsBehind_AreJoined()
    {
        using var start = _database.OpenSnapshot();
        for (var i = 0; i < 50; i++)
        {
            Put($"k{i % 3}", $"{i}");
        }

        await foreach (var change in _database.Changes(start, _stop.Token))
        {
            Assert.That(Describe(change), Is.EqualTo("Added k0, Added k1, Added k2"));
            break;
        }

        Assert.That(_database.Core.LockFile.Readers.Describe().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Changes_AreToldWhenTheyAreDurable()
    {
        await using var feed = _database.Changes(_stop.Token).GetAsyncEnumerator();
        var next = feed.MoveNextAsync();
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "1"u8);
            transaction.Commit(CommitMode.Deferred);
        }

        await Task.Delay(50);
        Assert.That(next.IsCompleted && _database.GetStatistics().DurableTransactionId == 1, Is.False);
        _database.Flush();
        Assert.That(await next, Is.True);
        Assert.That(Describe(feed.Current), Is.EqualTo("Added a"));
    }

    [Test]
    public async Task Consumer_SeesAgainWhatItDidNotComplete_AndOnceWhatItDid()
    {
        var seen = new List<string>();
        _database.CreateConsumer("c", _database.OpenSnapshot());
        Put("a", "1");
        await foreach (var change in _database.ConsumeChanges("c", _stop.Token))
        {
            seen.Add(Describe(change));
            break;
        }

        Reopen();
        var rounds = 0;
        await foreach (var change in _database.ConsumeChanges("c", _stop.Token))
        {
            seen.Add(Describe(change));
            if (++rounds == 2)
            {
                break;
            }

            Put("b", "2");
        }

        Assert.That(seen, Is.EqualTo(new[] { "Added a", "Added a", "Added b" }));
    }

    [Test]
    public async Task Consumer_ThatCompletesInItsOwnTransaction_WritesEachOnce()
    {
        _database.CreateConsumer("c", _database.OpenSnapshot());
        var totals = _database.GetTree("totals");
        Put("1", "1");
        var attempts = 0;
        await foreach (var change in _database.ConsumeChanges("c", _stop.Token))
        {
            if (change.Trees.All(static tree => tree.Name == "totals"))
            {
                break;
            }

            attempts++;
            using var transaction = _database.BeginWrite();
            transaction.CreateTree("totals");
            foreach (var entry in change.Trees.Where(static tree => tree.Name != "totals").SelectMany(change.ChangesIn))
            {
                transaction[totals].Put(entry.Key, [(byte)attempts]);
            }

            transaction.Complete(change);
            if (attempts % 2 == 0)
            {
                transaction.Commit();
            }
        }

        // The aborted attempt was told again.
        using var read = _database.BeginRead();
        Assert.That((attempts, read[totals].Get("1"u8)), Is.EqualTo((2, new byte[] { 2 })));
    }

    [Test]
    public async Task Change_CompletedTwice_IsCompleted()
    {
        using (var start = _database.OpenSnapshot())
        {
            _database.CreateConsumer("c", start);
        }

        Put("a", "1");
        await using var feed = _database.ConsumeChanges("c", _stop.Token).GetAsyncEnumerator();
        Assert.That(await feed.MoveNextAsync(), Is.True);
        using var transaction = _database.BeginWrite();
        transaction.Complete(feed.Current);
        transaction.Complete(feed.Current);
        transaction.Commit();
    }

    [Test]
    public async Task TwoConsumersOfOneName_AreToldApart()
    {
        _database.CreateConsumer("c", _database.OpenSnapshot());
        Put("a", "1");
        await using var one = _database.ConsumeChanges("c", _stop.Token).GetAsyncEnumerator();
        await using var other = _database.ConsumeChanges("c", _stop.Token).GetAsyncEnumerator();
        Assert.That(await one.MoveNextAsync() && await other.MoveNextAsync(), Is.True);
        using (var transaction = _database.BeginWrite())
        {
            transaction.Complete(one.Current);
            transaction.Commit();
        }

        Assert.That(async () => await other.MoveNextAsync(), Throws.TypeOf<ConsumerMovedException>());
    }

    [Test]
    public async Task Consumer_ThatIsDeletedWhileItWaits_IsTold_AndNotMadeAnew([Values] bool isRenamed)
    {
        _database.CreateConsumer("c", _database.OpenSnapshot());
        await using var feed = _database.ConsumeChanges("c", _stop.Token).GetAsyncEnumerator();
        var next = feed.MoveNextAsync();
        if (isRenamed)
        {
            _database.RenameSnapshot("c", "d");
        }
        else
        {
            _database.DeleteSnapshot("c");
        }

        Assert.That(async () => await next, Throws.TypeOf<ConsumerMovedException>());
        Assert.That(_database.TryOpenSnapshot("c", out _), Is.False);
    }

    [Test]
    public async Task Consumer_ThatIsBehind_KeepsPages_WhichCanBeMeasured()
    {
        Sample.Fill(_database, 0, 5000);
        _database.CreateConsumer("c", _database.OpenSnapshot());
        Sample.Fill(_database, 0, 5000, valueLength: 30);
        Sample.Fill(_database, 0, 5000, valueLength: 31);
        var behind = _database.MeasureSnapshots().Single();
        Assert.That(behind.Snapshot.Kind, Is.EqualTo(SnapshotKind.Consumer));
        Assert.That(behind.PagesAlone, Is.GreaterThan(30));
        await foreach (var change in _database.ConsumeChanges("c", _stop.Token))
        {
            Assert.That(change.ChangesIn(change.Trees.Single()).Count(), Is.EqualTo(5000));
            using var transaction = _database.BeginWrite();
            transaction.Complete(change);
            transaction.Commit();
            break;
        }

        Assert.That(_database.MeasureSnapshots().Single().PagesAlone, Is.LessThan(10));
    }

    [Test]
    public async Task Changes_InAProcessThatReads_AreTold()
    {
        using var reader = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        await using var feed = reader.Changes(_stop.Token).GetAsyncEnumerator();
        var next = feed.MoveNextAsync();
        Put("a", "1");
        Assert.That(await next, Is.True);
        Assert.That(Describe(feed.Current), Is.EqualTo("Added a"));
        Assert.That(() => reader.ConsumeChanges("c"), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Changes_EndWithTheDatabase()
    {
        await using var feed = _database.Changes(_stop.Token).GetAsyncEnumerator();
        var next = feed.MoveNextAsync().AsTask();
        _database.Dispose();
        Assert.That(async () => await next, Throws.InstanceOf<ObjectDisposedException>());
        await using var late = _database.Changes(_stop.Token).GetAsyncEnumerator();
        Assert.That(async () => await late.MoveNextAsync(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Changes_AfterAnId_NeedAStateThatIsKept()
    {
        var first = Put("a", "1");
        _database.CreateSnapshot("first");
        Put("b", "2");
        await foreach (var change in _database.Changes(first, _stop.Token))
        {
            Assert.That(Describe(change), Is.EqualTo("Added b"));
            break;
        }

        await using var feed = _database.Changes(first - 1, _stop.Token).GetAsyncEnumerator();
        Assert.That(async () => await feed.MoveNextAsync(), Throws.TypeOf<SnapshotNotFoundException>());
    }

    [Test]
    public async Task Changes_AfterTheIdOfTheLastCommit_NeedNoName_WhenTheDatabaseWasClosedSince()
    {
        Put("a", "1");
        var last = Put("b", "2");
        Reopen();
        Assert.That(_database.GetStatistics().TransactionId, Is.GreaterThan(last), "closing has settled it");
        await using var feed = _database.Changes(last, _stop.Token).GetAsyncEnumerator();
        var next = feed.MoveNextAsync();
        Put("c", "3");
        Assert.That(await next, Is.True);
        Assert.That(Describe(feed.Current), Is.EqualTo("Added c"));
        await using var late = _database.Changes(last, _stop.Token).GetAsyncEnumerator();
        Assert.That(async () => await late.MoveNextAsync(), Throws.TypeOf<SnapshotNotFoundException>());
        await using var early = _database.Changes(ulong.MaxValue, _stop.Token).GetAsyncEnumerator();
        Assert.That(async () => await early.MoveNextAsync(), Throws.TypeOf<SnapshotNotFoundException>());
    }

    [Test]
    public async Task Feed_BesideManyWriters_LosesAndRepeatsNothing()
    {
        const int Writers = 8;
        const int Each = 50;
        var copy = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var start = _database.OpenSnapshot();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await _database.WriteAsync(transaction =>
                {
                    transaction.Main.Put(Encoding.UTF8.GetBytes($"{writer}/{i}"), Encoding.UTF8.GetBytes($"{i}"));
                    if (i > 0)
                    {
                        transaction.Main.Delete(Encoding.UTF8.GetBytes($"{writer}/{i - 1}"));
                    }

                    return true;
                });
            }
        })));
        ulong last = 0;
        await foreach (var change in _database.Changes(start, _stop.Token))
        {
            Assert.That(last == 0 || change.Older.TransactionId == last, Is.True);
            last = change.TransactionId;
            foreach (var entry in change.ChangesIn(change.Trees.Single()))
            {
                var key = Encoding.UTF8.GetString(entry.Key);
                var applied = entry.Kind == ChangeKind.Removed
                    ? copy.Remove(key)
                    : copy.TryAdd(key, Encoding.UTF8.GetString(entry.NewValue!));
                Assert.That(applied, Is.True);
            }

            if (copy.Count == Writers && copy.Values.All(static value => value == $"{Each - 1}"))
            {
                break;
            }
        }

        await writing;
    }

    private static string Describe(StateChange change) => string.Join(
        ", ",
        change.Trees.SelectMany(change.ChangesIn)
            .Select(entry => $"{entry.Kind} {Encoding.UTF8.GetString(entry.Key)}"));

    private ulong Put(string key, string value)
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        return transaction.Commit();
    }

    private void Reopen()
    {
        _database.Dispose();
        _database = Database.Open(_directory.DatabasePath);
    }
}
