using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Deferred commits that could not be made durable are never lost without a word.</summary>
public class LostCommitsTests
{
    [Test]
    public void Close_AfterAFailedFlush_SaysThatCommitsAreLost_AndGivesEverythingBack([Values] bool inBackground)
    {
        using var directory = new TempDirectory();
        using var storage = new CountingStorage(new FileStorage(directory.DatabasePath));
        var now = 0L;
        var database = Database.Open(storage, new DatabaseOptions
        {
            FlushInterval = inBackground ? TimeSpan.FromHours(1) : Timeout.InfiniteTimeSpan,
            Clock = () => Volatile.Read(ref now),
        });
        Sample.Put(database, "a"u8, "durable"u8);
        storage.BeforeFlush = () => throw new StorageWriteException("EIO");
        Sample.Put(database, "a"u8, "deferred"u8, CommitMode.Deferred);
        if (inBackground)
        {
            Volatile.Write(ref now, 3_600_000);
            database.Core.Writer!.WakeFlusher();
            Patience.Until(() => IsPoisoned(database), "the background flush");
        }
        else
        {
            Assert.Throws<DatabasePoisonedException>(database.Flush);
        }

        storage.BeforeFlush = null;
        var error = Assert.Throws<DatabasePoisonedException>(database.Dispose);
        Assert.That(error!.Message, Does.Contain("deferred").And.Contain("lost"));
        Assert.DoesNotThrow(database.Dispose, "it is closed");

        using var again = Database.Open(directory.DatabasePath);
        Assert.That(again.Check().IsOk);
    }

    [Test]
    public void Close_WhoseOwnFlushFails_SaysThatDeferredCommitsAreLost_AndGivesEverythingBack()
    {
        using var directory = new TempDirectory();
        using var storage = new CountingStorage(new FileStorage(directory.DatabasePath));
        var database = Database.Open(storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Put(database, "a"u8, "deferred"u8, CommitMode.Deferred);
        storage.BeforeFlush = () => throw new StorageWriteException("EIO");
        var error = Assert.Throws<DatabasePoisonedException>(database.Dispose);
        Assert.That(error!.Message, Does.Contain("deferred").And.Contain("lost"));
        using var again = Database.Open(directory.DatabasePath);
        Assert.That(again.Check().IsOk);
    }

    private static bool IsPoisoned(Database database)
    {
        try
        {
            database.BeginWrite().Dispose();
            return false;
        }
        catch (DatabasePoisonedException)
        {
            return true;
        }
    }

    [Test]
    public void Close_AfterAFailedDurableCommit_IsSilent_BecauseNothingElseIsLost()
    {
        using var storage = new CountingStorage(new MemoryStorage());
        var database = Database.Open(storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        storage.BeforeFlush = () => throw new StorageWriteException("EIO");
        Assert.Throws<DatabasePoisonedException>(() => Sample.Put(database, "a"u8, "1"u8));
        Assert.DoesNotThrow(database.Dispose);
    }
}
