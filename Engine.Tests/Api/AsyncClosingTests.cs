using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>What is disposed may be disposed asynchronously.</summary>
public class AsyncClosingTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Database_DisposedAsynchronously_MakesDeferredCommitsDurable_AndGivesEverythingBack()
    {
        await using (var database = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan }))
        {
            Sample.Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        }

        await using var again = Database.Open(_directory.DatabasePath);
        Assert.That(Sample.Get(again, "a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(again.Recovery, Is.Null);
    }

    [Test]
    public async Task Database_WhileItsFlushWaitsForTheDisk_DoesNotHoldUpWhoClosesItAsynchronously()
    {
        using var goOn = new ManualResetEventSlim();
        var thread = -1;
        var storage = new CountingStorage(new Engine.Storage.MemoryStorage());
        var database = Database.Open(storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        storage.BeforeFlush = () =>
        {
            thread = Environment.CurrentManagedThreadId;
            goOn.Wait();
        };
        var closing = database.DisposeAsync().AsTask();
        Patience.Until(() => Volatile.Read(ref thread) != -1, "the flush has begun");
        Assert.That(closing.IsCompleted, Is.False);
        Assert.That(thread, Is.Not.EqualTo(Environment.CurrentManagedThreadId));
        goOn.Set();
        await closing;
        Assert.Throws<ObjectDisposedException>(() => database.BeginWrite());
    }

    [Test]
    public async Task Database_DisposedAgain_InEitherWay_DoesNothing()
    {
        var database = Database.Open(_directory.DatabasePath);
        await database.DisposeAsync();
        await database.DisposeAsync();
        database.Dispose();
        using var reopened = Database.Open(_directory.DatabasePath);
        reopened.Dispose();
        await reopened.DisposeAsync();
    }

    [Test]
    public async Task Database_WhenItsLastFlushFails_TellsWhoAwaitsItsClosing()
    {
        var storage = new CountingStorage(new Engine.Storage.MemoryStorage());
        var database = Database.Open(storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        storage.BeforeFlush = () => throw new IOException("the disk is gone");
        await Assert.ThrowsAsync<DatabasePoisonedException>(async () => await database.DisposeAsync());
        Assert.Throws<ObjectDisposedException>(() => database.BeginWrite());
    }

    [Test]
    public async Task WriteTransaction_DisposedAsynchronously_IsAborted_UnlessItHasEnded()
    {
        await using var database = Database.OpenInMemory();
        await using (var transaction = await database.BeginWriteAsync())
        {
            transaction.Main.Put("a"u8, "1"u8);
        }

        await using (var transaction = await database.BeginWriteAsync())
        {
            transaction.Main.Put("b"u8, "2"u8);
            await transaction.CommitAsync();
        }

        Assert.That(
            (Sample.Get(database, "a"u8), Sample.Get(database, "b"u8)), Is.EqualTo(((byte[]?)null, "2"u8.ToArray())));
    }

    [Test]
    public async Task Snapshot_DisposedAsynchronously_IsGivenUp()
    {
        await using var database = Database.OpenInMemory();
        Sample.Put(database, "a"u8, "1"u8);
        var snapshot = database.OpenSnapshot();
        await using (snapshot)
        {
            Assert.That(snapshot.Main.Get("a"u8), Is.Not.Null);
        }

        Assert.Throws<ObjectDisposedException>(() => snapshot.Main.Get("a"u8));
        Assert.Throws<ObjectDisposedException>(() => snapshot.Main.TryGet("a"u8, default, out _));
        Assert.Throws<ObjectDisposedException>(() => snapshot.Main.ContainsKey("a"u8));
        Assert.Throws<ObjectDisposedException>(() => snapshot.TreeExists(database.Main));
    }
}
