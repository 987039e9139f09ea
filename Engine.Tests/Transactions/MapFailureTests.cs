using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Where no map can be made any more, what needs one fails; flushing and closing need none, and nothing that was
/// visible is lost.
/// </summary>
public class MapFailureTests : TransactionTest
{
    private FaultStorage _storage = null!;
    private Database _database = null!;

    public enum When
    {
        /// <summary>The commit makes the file grow.</summary>
        Commit,

        /// <summary>A value is written when it is put.</summary>
        LargeValue,

        /// <summary>The transaction outgrows its memory.</summary>
        Spill,
    }

    [SetUp]
    public void MakeDatabase()
    {
        _storage = new FaultStorage();
        _database = Database.Open(
            _storage,
            new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, TransactionMemory = 1024 * 1024 });
        Put(_database, "durable"u8, "1"u8);
        Put(_database, "deferred"u8, "2"u8, CommitMode.Deferred);
    }

    [TearDown]
    public void Dispose()
    {
        _database.Dispose();
        _storage.Dispose();
    }

    [Test]
    public void Flush_AfterAFailedMap_MakesDeferredCommitsDurable([Values] When when)
    {
        FailToMap(when);

        _database.Flush();

        Assert.That(_database.Core.DurableId, Is.EqualTo(_database.Core.Published.Id));
        AssertBothAreThere(_database);
    }

    [Test]
    public void Dispose_AfterAFailedMap_MakesDeferredCommitsDurable([Values] When when, [Values] bool flushes)
    {
        FailToMap(when);
        if (flushes)
        {
            _database.Flush();
            Assert.That(() => Grow(When.Commit), Throws.TypeOf<DatabaseException>());
        }

        _database.Dispose();

        _storage.BeforeMap = null;
        using var again = Open(_storage);
        AssertBothAreThere(again);
        Assert.That(again.Check().IsOk);
    }

    [Test]
    public void Transaction_AfterAFailedMap_SucceedsWithoutOneIfTheFileNeedNotGrow_AndWithOneWhenItCanBeMade(
        [Values] When when)
    {
        FailToMap(when);
        _storage.BeforeMap = null;

        Grow(when);

        _database.Flush();
        AssertBothAreThere(_database);
        Assert.That(Get(_database, Sample.Key(0)), Is.Not.Null);
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void Transaction_WhileNoMapCanBeMade_SucceedsIfItNeedsNone()
    {
        using var directory = new TempDirectory();
        using var storage = new CountingStorage(new Engine.Storage.FileStorage(directory.DatabasePath));
        using var database = Open(storage);
        Put(database, "a"u8, "1"u8);
        storage.BeforeMap = _ => throw new DatabaseException("simulated: no addresses");

        Put(database, "b"u8, "2"u8);
        Put(database, "c"u8, "3"u8, CommitMode.Deferred);
        database.Flush();

        Assert.That(Get(database, "c"u8), Is.EqualTo("3"u8.ToArray()));
    }

    [Test]
    public void Timer_AfterAFailedMap_MakesDeferredCommitsDurable()
    {
        using var storage = new FaultStorage();
        using var database =
            Database.Open(storage, new DatabaseOptions { FlushInterval = TimeSpan.FromMilliseconds(20) });
        Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        storage.BeforeMap = () => throw new DatabaseException("simulated: no addresses");
        using (var transaction = database.BeginWrite())
        {
            Assert.That(() => transaction.Main.Put("large"u8, new byte[1 << 20]), Throws.TypeOf<DatabaseException>());
        }

        Assert.That(
            () => database.Core.DurableId == database.Core.Published.Id,
            Is.True.After(20).Seconds.PollEvery(5).MilliSeconds);
    }

    private static void AssertBothAreThere(Database database)
    {
        Assert.That(Get(database, "durable"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(Get(database, "deferred"u8), Is.EqualTo("2"u8.ToArray()));
    }

    private void FailToMap(When when)
    {
        _storage.BeforeMap = () => throw new DatabaseException("simulated: no addresses");
        Assert.That(() => Grow(when), Throws.TypeOf<DatabaseException>());
    }

    private void Grow(When when)
    {
        using var transaction = _database.BeginWrite();
        switch (when)
        {
            case When.Commit:
                for (var i = 0; i < 500; i++)
                {
                    transaction.Main.Put(Sample.Key(i), Bytes(1000, i));
                }

                break;
            case When.LargeValue:
                transaction.Main.Put(Sample.Key(0), Bytes(1 << 20));
                break;
            case When.Spill:
                for (var i = 0; i < 3000; i++)
                {
                    transaction.Main.Put(Sample.Key(i), Bytes(1000, i));
                }

                break;
        }

        transaction.Commit();
    }
}
