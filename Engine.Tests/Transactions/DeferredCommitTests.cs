using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Deferred commits: visible at once, durable by a flush, a timer, a limit, a durable commit or closing.
/// </summary>
public class DeferredCommitTests
{
    private static readonly DatabaseOptions NoTimer = new() { FlushInterval = Timeout.InfiniteTimeSpan };

    private CountingStorage _storage = null!;

    [SetUp]
    public void MakeStorage() => _storage = new CountingStorage(new MemoryStorage());

    [TearDown]
    public void DisposeStorage() => _storage.Dispose();

    [Test]
    public void DeferredCommit_IsVisibleAtOnce_AndFlushedOnlyByFlush()
    {
        using var database = Database.Open(_storage, NoTimer);
        _storage.Counts.Reset();
        for (var i = 0; i < 10; i++)
        {
            Sample.Put(database, Sample.Key(i), "x"u8, CommitMode.Deferred);
        }

        Assert.That((Sample.ReadAll(database)[string.Empty].Count, _storage.Counts.Flushes), Is.EqualTo((10, 0)));
        Assert.That(database.GetStatistics().DurableTransactionId, Is.LessThan(database.GetStatistics().TransactionId));
        database.Flush();
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(2), "pages, then meta");
        Assert.That(database.GetStatistics().DurableTransactionId, Is.EqualTo(database.GetStatistics().TransactionId));
        database.Flush();
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(2), "nothing is left to flush");
    }

    [Test]
    public void DurableCommit_AfterDeferredOnes_MakesThemDurableToo_EvenIfItChangesNothing([Values] bool changes)
    {
        using var database = Database.Open(_storage, NoTimer);
        Sample.Put(database, "a"u8, "x"u8, CommitMode.Deferred);
        using var transaction = database.BeginWrite();
        if (changes)
        {
            transaction.Main.Put("b"u8, "y"u8);
        }

        transaction.Commit();
        Assert.That(database.GetStatistics().DurableTransactionId, Is.EqualTo(database.GetStatistics().TransactionId));
    }

    [Test]
    public void Timer_MakesDeferredCommitsDurable()
    {
        using var database =
            Database.Open(_storage, new DatabaseOptions { FlushInterval = TimeSpan.FromMilliseconds(5) });
        Sample.Put(database, "a"u8, "x"u8, CommitMode.Deferred);
        Assert.That(
            () => database.GetStatistics().DurableTransactionId == database.GetStatistics().TransactionId,
            Is.True.After(20).Seconds.PollEvery(5).MilliSeconds);
    }

    [Test]
    public void Limit_MakesDeferredCommitsDurable()
    {
        using var database = Database.Open(
            _storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, DeferredLimit = 100_000 });
        _storage.Counts.Reset();
        for (var i = 0; i < 100; i++)
        {
            Sample.Put(database, Sample.Key(i), "x"u8, CommitMode.Deferred);
        }

        Assert.That(_storage.Counts.Flushes, Is.InRange(6, 10), "400 KB of pages at 100 KB a time, two flushes each");
    }

    [Test]
    public void Closing_MakesDeferredCommitsDurable()
    {
        using var directory = new TempDirectory();
        using (var database = Database.Open(directory.DatabasePath, NoTimer))
        {
            Sample.Put(database, "a"u8, "x"u8, CommitMode.Deferred);
        }

        using var again = Database.Open(directory.DatabasePath);
        Assert.That(Sample.Get(again, "a"u8), Is.EqualTo("x"u8.ToArray()));
    }

    [Test]
    public void ProcessThatDies_LosesTheDeferredCommitsSinceTheLastFlush_AndNothingElse()
    {
        using var directory = new TempDirectory();
        var database = Database.Open(directory.DatabasePath, NoTimer);
        Sample.Put(database, "a"u8, "durable"u8);
        Sample.Put(database, "b"u8, "flushed"u8, CommitMode.Deferred);
        database.Flush();
        for (var i = 0; i < 200; i++)
        {
            Sample.Fill(database, 0, 1, i);
            Sample.Put(database, "a"u8, "deferred"u8, CommitMode.Deferred);
            Sample.Put(database, "c"u8, Sample.Bytes(i * 20, i), CommitMode.Deferred);
            if (i % 50 == 0)
            {
                Sample.Put(database, "a"u8, Sample.Key(i));
            }
        }

        Sample.Put(database, "a"u8, "last durable"u8);
        Sample.Put(database, "b"u8, "lost"u8, CommitMode.Deferred);
        Die(database);

        using var again = Database.Open(directory.DatabasePath);
        Assert.That(Sample.Get(again, "a"u8), Is.EqualTo("last durable"u8.ToArray()));
        Assert.That(Sample.Get(again, "b"u8), Is.EqualTo("flushed"u8.ToArray()));
        Sample.AssertBytes(Sample.Get(again, "c"u8), Sample.Bytes(199 * 20, 199));
        Assert.That(again.Check().IsOk);
    }

    [Test]
    public void Flush_AfterAnAbortedTransactionHadMadeTheFileGrow_KeepsTheMapThatReadersUse()
    {
        using var directory = new TempDirectory();
        using var database = Database.Open(directory.DatabasePath, NoTimer);
        Sample.Fill(database, 0, 10);
        Sample.Put(database, "a"u8, "x"u8, CommitMode.Deferred);
        using (var transaction = database.BeginWrite())
        {
            // Written early, beyond what is mapped: a new map generation, for a transaction that then never was.
            transaction.Main.Put("big"u8, Sample.Bytes(3_000_000, 1));
            transaction.Abort();
        }

        database.Flush();
        Assert.That(database.Core.Published.Map.IsReleased, Is.False, "the map of the newest state is still mapped");
        Sample.Put(database, "b"u8, "y"u8);
        Assert.That(Sample.ReadAll(database)[string.Empty], Has.Count.EqualTo(12));
    }

    /// <summary>Ends the process as far as the files are concerned.</summary>
    private static void Die(Database database)
    {
        database.Core.LockFile.Abandon();
        database.Core.File.Dispose();
    }
}
