using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Use after the end: each a typed exception, never a crash.</summary>
public class ClosedDatabaseTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    private Database Open(bool inMemory) => inMemory ? Database.OpenInMemory() : Database.Open(_directory.DatabasePath);

    [Test]
    public void Database_WhenClosedTwice_DoesNothingTheSecondTime([Values] bool inMemory)
    {
        var database = Open(inMemory);
        database.Dispose();
        database.Dispose();
    }

    [Test]
    public async Task Database_AfterClose_RefusesEverything([Values] bool inMemory)
    {
        var database = Open(inMemory);
        var tree = database.GetTree("t");
        database.Dispose();

        Assert.Throws<ObjectDisposedException>(() => { using var read = database.BeginRead(); });
        Assert.Throws<ObjectDisposedException>(() => database.BeginWrite());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await database.BeginWriteAsync());
        Assert.Throws<ObjectDisposedException>(() => database.OpenSnapshot());
        Assert.Throws<ObjectDisposedException>(database.Flush);
        Assert.Throws<ObjectDisposedException>(() => database.GetStatistics());
        Assert.Throws<ObjectDisposedException>(() => database.Read(0, static (_, _) => 0));
        Assert.That(
            (database.GetTree("t"), database.PageSize, database.IsReadOnly),
            Is.EqualTo((tree, 4096, false)),
            "what needs no file still answers");
    }

    [Test]
    public void ReadTransaction_WhenTheDatabaseIsClosedUnderIt_IsToldAtItsNextUse_AndItsSpansStayReadable(
        [Values] bool inMemory)
    {
        var database = Open(inMemory);
        Sample.Put(database, "a"u8, "value"u8);
        using var read = database.BeginRead();
        var range = read.Main.All();
        var reader = read.Main;
        var cursor = reader.OpenCursor();
        cursor.MoveToFirst();
        Assert.That(read.Main.TryGet("a"u8, out var value));
        database.Dispose();

        Assert.That(value.SequenceEqual("value"u8));
        var failures = 0;
        try { _ = read.Main.Count; } catch (ObjectDisposedException) { failures++; }
        try { _ = reader.Count; } catch (ObjectDisposedException) { failures++; }
        try { _ = cursor.Key.Length; } catch (ObjectDisposedException) { failures++; }
        try { foreach (var _ in range) { } } catch (ObjectDisposedException) { failures++; }
        Assert.That(failures, Is.EqualTo(4));
    }

    [Test]
    public void Snapshot_WhenTheDatabaseIsClosedUnderIt_IsToldAtItsNextUse([Values] bool inMemory)
    {
        var database = Open(inMemory);
        Sample.Put(database, "a"u8, "value"u8);
        var snapshot = database.OpenSnapshot();
        using (var read = snapshot.BeginRead())
        {
            database.Dispose();

            var isTold = false;
            try { read.Main.Get("a"u8); } catch (ObjectDisposedException) { isTold = true; }
            Assert.That(isTold);
            Assert.Throws<ObjectDisposedException>(() => { using var another = snapshot.BeginRead(); });
            Assert.Throws<ObjectDisposedException>(() => snapshot.Main.All().Any());
        }

        snapshot.Dispose();
        snapshot.Dispose();
    }

    [Test]
    public void WriteTransaction_WhenTheDatabaseIsClosedUnderIt_IsToldAtItsNextUse([Values] bool inMemory)
    {
        var database = Open(inMemory);
        var transaction = database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        var cursor = transaction.Main.OpenCursor();
        cursor.MoveToFirst();
        database.Dispose();

        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Put("b"u8, "2"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Get("a"u8));
        Assert.Throws<ObjectDisposedException>(() => transaction.Read(0, static (read, _) => read.Main.Count));
        Assert.Throws<ObjectDisposedException>(() => cursor.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => _ = cursor.Key.Length);
        Assert.Throws<ObjectDisposedException>(() => cursor.GetValue());
        Assert.Throws<ObjectDisposedException>(() => transaction.Commit());
        transaction.Dispose();
    }

    [Test]
    public void Close_DuringAReadCallbackOfAWriteTransaction_WaitsUntilItReturns([Values] bool inMemory)
    {
        var database = Open(inMemory);
        var transaction = database.BeginWrite();
        transaction.Main.Put("a"u8, "value"u8);
        var closing = Task.CompletedTask;
        var seen = transaction.Read(0, (read, _) =>
        {
            read.Main.TryGet("a"u8, out var value);
            closing = Task.Run(database.Dispose);
            while (!IsClosing(database))
            {
                Thread.Sleep(1);
            }

            Assert.That(closing.IsCompleted, Is.False);
            return value.ToArray();
        });
        closing.Wait();
        Assert.That(seen, Is.EqualTo("value"u8.ToArray()));
        Assert.Throws<ObjectDisposedException>(() => transaction.Main.Get("a"u8));
        transaction.Dispose();

        static bool IsClosing(Database database)
        {
            try
            {
                return database.Read(0, static (_, _) => false);
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    [Test]
    public async Task WaitingWriters_WhenTheDatabaseIsClosed_AreTold()
    {
        var database = Open(inMemory: true);
        var transaction = database.BeginWrite();
        var waiters = Enumerable.Range(0, 3).Select(_ => database.BeginWriteAsync().AsTask()).ToArray();
        database.Dispose();
        foreach (var waiter in waiters)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiter);
        }

        transaction.Dispose();
    }

    [Test]
    public void Close_WhileDeferredCommitsAreBeingFlushed_KeepsThemAll()
    {
        for (var round = 0; round < 8; round++)
        {
            var path = _directory.File($"{round}.db");
            var database = Database.Open(path, new DatabaseOptions { FlushInterval = TimeSpan.FromMilliseconds(1) });
            var flusher = Task.Run(() =>
            {
                try
                {
                    while (true)
                    {
                        database.Flush();
                    }
                }
                catch (ObjectDisposedException)
                {
                    // The database was closed: what the test waits for.
                }
            });
            for (var i = 0; i < 20; i++)
            {
                Sample.Put(database, Sample.Key(i), Sample.Key(round), CommitMode.Deferred);
            }

            database.Dispose();
            Assert.That(flusher.Wait(Patience.Limit));
            using var again = Database.Open(path);
            Assert.That(Sample.ReadAll(again)[string.Empty], Has.Count.EqualTo(20));
        }
    }
}
