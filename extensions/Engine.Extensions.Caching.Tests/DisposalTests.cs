using System.Buffers;
using Engine.Extensions.Caching.Tests.Infrastructure;
using static Engine.Extensions.Caching.Tests.Infrastructure.Entries;

namespace Engine.Extensions.Caching.Tests;

/// <summary>Closing.</summary>
public class DisposalTests
{
    [Test]
    public async Task DisposedCache_RefusesEverything([Values] bool isAsync)
    {
        using var folder = new TempFolder();
        var cache = new EngineCache(new EngineCacheOptions { Path = folder.File("cache.db") });
        if (isAsync)
        {
            await cache.DisposeAsync();
            await cache.DisposeAsync();
        }
        else
        {
            cache.Dispose();
            cache.Dispose();
        }

        Assert.That(() => cache.Get("key"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(
            () => cache.TryGet("key", new ArrayBufferWriter<byte>()), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => cache.Set("key", [], Forever), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => cache.Remove("key"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => cache.Refresh("key"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(cache.Flush, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => cache.RemoveExpired(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(cache.GetStatistics, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void OwnDatabase_IsClosedWithTheCache()
    {
        using var folder = new TempFolder();
        var options = new EngineCacheOptions { Path = folder.File("cache.db") };
        new EngineCache(options).Dispose();
        using var database = Database.Open(options.Path);
        Assert.That(database.Check().IsOk, Is.True);
    }

    [Test]
    public void DatabaseOfTheCaller_StaysOpen_AndIsDurable()
    {
        using var database = Database.OpenInMemory();
        var cache = new EngineCache(new EngineCacheOptions { Database = database });
        cache.Set("key", [1], Forever);
        cache.Dispose();
        var numbers = database.GetStatistics();
        Assert.That(numbers.DurableTransactionId, Is.EqualTo(numbers.TransactionId));
        using var again = new EngineCache(new EngineCacheOptions { Database = database });
        Assert.That(again.Get("key"), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void OwnDatabaseThatIsNoCache_IsClosedAgain()
    {
        using var folder = new TempFolder();
        var path = folder.File("users.db");
        using (var database = Database.Open(path))
        {
            database.Write(static tx => tx[tx.CreateTree("cache")].Put("ada"u8, "1"u8));
        }

        Assert.That(
            () => new EngineCache(new EngineCacheOptions { Path = path }), Throws.InstanceOf<InvalidDataException>());
        using var again = Database.Open(path);
    }

    [Test]
    public void CancelledCalls_DoNothing()
    {
        using var test = new TestCache();
        var cancelled = new CancellationToken(canceled: true);
        Assert.That(test.Cache.GetAsync("key", cancelled).IsCanceled, Is.True);
        Assert.That(test.Cache.SetAsync("key", [1], Forever, cancelled).IsCanceled, Is.True);
        Assert.That(test.Cache.RefreshAsync("key", cancelled).IsCanceled, Is.True);
        Assert.That(test.Cache.RemoveAsync("key", cancelled).IsCanceled, Is.True);
        Assert.That(
            test.Cache.TryGetAsync("key", new ArrayBufferWriter<byte>(), cancelled).AsTask().IsCanceled, Is.True);
        Assert.That(test.Cache.Get("key"), Is.Null);
    }

    [Test]
    public void AsynchronousCalls_CompleteSynchronously()
    {
        using var test = new TestCache();
        Assert.That(test.Cache.SetAsync("key", [1], Forever).IsCompletedSuccessfully, Is.True);
        Assert.That(test.Cache.GetAsync("key").IsCompletedSuccessfully, Is.True);
        var reading = test.Cache.TryGetAsync("key", new ArrayBufferWriter<byte>()).AsTask();
        Assert.That(reading.IsCompletedSuccessfully && reading.Result, Is.True);
        Assert.That(test.Cache.RefreshAsync("key").IsCompletedSuccessfully, Is.True);
        Assert.That(test.Cache.RemoveAsync("key").IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void Values_AreCopied()
    {
        using var test = new TestCache();
        byte[] value = [1];
        test.Cache.Set("key", value, Forever);
        value[0] = 2;
        test.Cache.Get("key")![0] = 3;
        Assert.That(test.Cache.Get("key"), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void ReadingIntoABuffer_AllocatesNothing()
    {
        using var test = new TestCache(static options => options.HasThread = false);
        test.Cache.Set("pending", [1, 2, 3], Forever);
        test.Cache.Set("absolute", new byte[100], Within(TimeSpan.FromHours(1)));
        test.Cache.Set("sliding", new byte[100], Sliding(TimeSpan.FromHours(1)));
        test.Cache.Flush();
        test.Cache.Set("pending", [1, 2, 3], Forever);
        var destination = new ArrayBufferWriter<byte>(1000);
        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                destination.ResetWrittenCount();
                test.Cache.TryGet("pending", destination);
                test.Cache.TryGet("absolute", destination);
                test.Cache.TryGet("sliding", destination);
                test.Cache.TryGet("missing", destination);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        Assert.That(Allocated(), Is.Zero);
    }
}
