using Engine.Integrity;
using Engine.Pages;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// An orderly close leaves the newest state in both metas, the newer one an ordered one. What that costs, and
/// what it holds with.
/// </summary>
public class SettlingTests
{
    private const int FirstPage = 16384;

    private TempDirectory _directory = null!;
    private CountingStorage _storage = null!;

    [SetUp]
    public void MakeStorage()
    {
        _directory = new TempDirectory();
        _storage = Storage();
    }

    [TearDown]
    public void RemoveDirectory()
    {
        _storage.Dispose();
        _directory.Dispose();
    }

    private CountingStorage Storage() => new(new FileStorage(_directory.DatabasePath));

    [Test]
    public void Closing_AfterCommits_IsOneMetaAndOneFlush_AndAfterNoneItIsNothing()
    {
        var database = Database.Open(_storage, Sample.Options(4096));
        Sample.Put(database, "a"u8, "1"u8);
        Sample.Put(database, "b"u8, "1"u8);
        _storage.Counts.Reset();
        database.Dispose();
        Assert.That((_storage.Counts.Flushes, _storage.Counts.Writes.Count), Is.EqualTo((1, 1)));
        Assert.That(_storage.Counts.Writes[0].Offset, Is.LessThan(FirstPage));
        RequireSettled();

        _storage = Storage();
        var again = Database.Open(_storage, Sample.Options(4096));
        Assert.That(again.Recovery, Is.Null);
        again.Dispose();
        Assert.That((_storage.Counts.Flushes, _storage.Counts.Writes.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Closing_ANewDatabase_LeavesItInBothMetas()
    {
        Database.Open(_storage, Sample.Options(4096)).Dispose();
        RequireSettled();
    }

    [Test]
    public void Closing_WithDeferredCommits_LeavesThemInBothMetas()
    {
        var database = Database.Open(_storage, Sample.Options(4096));
        Sample.Put(database, "a"u8, "1"u8);
        Sample.Put(database, "b"u8, "1"u8, CommitMode.Deferred);
        _storage.Counts.Reset();
        database.Dispose();
        Assert.That(_storage.Counts.Flushes, Is.EqualTo(3), "pages, meta, second meta");
        RequireSettled();
        using var again = Database.Open(Storage(), Sample.Options(4096));
        Assert.That(Sample.ReadAll(again)[string.Empty], Has.Count.EqualTo(2));
    }

    [Test]
    public void Closing_WithAnOpenTransactionAndAnOpenReader_LeavesTheCommittedStateInBothMetas()
    {
        var database = Database.Open(_storage, Sample.Options(4096));
        Sample.Fill(database, 0, 100);
        var reader = database.OpenSnapshot();
        var transaction = database.BeginWrite();
        transaction.Main.Put("never"u8, Sample.Bytes(1_000_000, 1));
        database.Dispose();
        Assert.Throws<ObjectDisposedException>(() => transaction.Commit());
        Assert.Throws<ObjectDisposedException>(() =>
        {
            using var read = reader.BeginRead();
        });
        RequireSettled();
        using var again = Database.Open(Storage(), Sample.Options(4096));
        Assert.That(again.Recovery, Is.Null);
        Assert.That(Sample.ReadAll(again)[string.Empty], Has.Count.EqualTo(100));
    }

    [Test]
    public void Closing_WhenTheSecondMetaCannotBeWritten_LosesNothing_AndTheNextOpeningKnows(
        [Values("write", "full", "flush")] string failure, [Values] bool isDeferred)
    {
        var database = Database.Open(_storage, Sample.Options(4096));
        Sample.Put(database, "a"u8, "1"u8);
        Sample.Put(database, "b"u8, "1"u8, isDeferred ? CommitMode.Deferred : CommitMode.Durable);

        // Of two metas the second, of three flushes the third: what makes the commit durable succeeds.
        var (metas, flushes) = isDeferred ? (1, 2) : (0, 0);
        _storage.BeforeWrite = (offset, _) =>
        {
            if (offset < FirstPage && metas-- == 0 && failure != "flush")
            {
                throw new StorageWriteException("simulated", isFull: failure == "full");
            }
        };
        _storage.BeforeFlush = () =>
        {
            if (flushes-- == 0 && failure == "flush")
            {
                throw new StorageWriteException("simulated");
            }
        };
        Assert.DoesNotThrow(database.Dispose);
        using (var reading = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { ReadOnly = true, WithoutLock = true }))
        {
            Assert.That(Sample.ReadAll(reading)[string.Empty], Has.Count.EqualTo(2));
        }

        _storage = Storage();
        using var again = Database.Open(_storage, Sample.Options(4096));
        Assert.That(
            _storage.Counts.Flushes, Is.GreaterThan(0), "recovery, because the database was not closed in order");
        Assert.That(Sample.ReadAll(again)[string.Empty], Has.Count.EqualTo(2));
        Assert.That(again.Check().IsOk);
    }

    [Test]
    public void IdleDatabase_SettlesOnce_AndReadersElsewhereGoOn()
    {
        var options = new DatabaseOptions
        {
            FlushInterval = TimeSpan.FromMilliseconds(5),
            SettleAfter = TimeSpan.FromMilliseconds(20)
        };
        using var database = Database.Open(_storage, options);
        Sample.Put(database, "a"u8, "1"u8);
        var committed = database.GetStatistics().TransactionId;
        using var beside = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        using var held = beside.OpenSnapshot();
        Patience.Until(() => database.GetStatistics().TransactionId > committed, "the idle database settles");
        RequireSettled();
        _storage.Counts.Reset();
        Assert.That(Sample.Get(beside, "a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(held.Main.All().Count(), Is.EqualTo(1));
        using (var read = beside.BeginRead())
        {
            Assert.That(read.TransactionId, Is.EqualTo(committed + 1));
        }

        Thread.Sleep(60);
        Assert.That(
            (_storage.Counts.Flushes, _storage.Counts.Writes.Count), Is.EqualTo((0, 0)), "nothing is left to do");
        Sample.Put(database, "b"u8, "1"u8);
        Patience.Until(() => database.GetStatistics().TransactionId > committed + 2, "it settles again");
        RequireSettled();
    }

    [Test]
    public void IdleDatabase_WithAnOpenTransaction_WaitsForItsEnd()
    {
        using var database = Database.Open(
            _storage,
            new DatabaseOptions { FlushInterval = TimeSpan.FromMilliseconds(5), SettleAfter = TimeSpan.Zero });
        var transaction = database.BeginWrite();
        var before = database.GetStatistics().TransactionId;
        Thread.Sleep(50);
        Assert.That(database.GetStatistics().TransactionId, Is.EqualTo(before));
        transaction.Main.Put("a"u8, "1"u8);
        transaction.Commit();
        Patience.Until(() => database.GetStatistics().TransactionId > before + 1, "the idle database settles");
        RequireSettled();
    }

    [Test]
    public void Ids_AreNotGivenAgain_AfterTheProcessDied([Values] bool isDeferred)
    {
        var database = Database.Open(_storage, Sample.Options(4096));
        Sample.Put(database, "a"u8, "1"u8);
        for (var i = 0; i < 5; i++)
        {
            Sample.Put(database, "a"u8, Sample.Key(i), isDeferred ? CommitMode.Deferred : CommitMode.Durable);
        }

        var seen = database.GetStatistics().TransactionId;
        database.Core.LockFile.Abandon();
        database.Core.File.Dispose();
        using var again = Database.Open(Storage(), Sample.Options(4096));
        Assert.That(
            again.GetStatistics().TransactionId, Is.GreaterThan(seen), "the recovered state has an id of its own");
        using var transaction = again.BeginWrite();
        Assert.That(transaction.TransactionId, Is.GreaterThan(seen + 1));
    }

    [Test]
    public void DeferredCommits_WhoseIdsRunTooFarAhead_AreMadeDurable()
    {
        using var database =
            Database.Open(_storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, IdReach = 10 });
        var durable = database.GetStatistics().DurableTransactionId;
        _storage.Counts.Reset();
        for (var i = 0; i < 100; i++)
        {
            Sample.Put(database, Sample.Key(i), "x"u8, CommitMode.Deferred);
            var numbers = database.GetStatistics();
            Assert.That(
                numbers.TransactionId, Is.LessThan(durable + 10), "an id that the next session might give again");
            durable = numbers.DurableTransactionId;
        }

        Assert.That(_storage.Counts.Flushes, Is.InRange(20, 30), "two for every eighth commit");
    }

    [Test]
    public void DatabaseAtTheEndOfItsIds_IsRefusedForWriting_AndRead()
    {
        Database.Open(_storage, Sample.Options(4096)).Dispose();
        using (var file = new FileStorage(_directory.DatabasePath).OpenFile(writable: true))
        {
            var block = new byte[4096];
            file.Read(8192, block);
            var superblock = new byte[4096];
            file.Read(0, superblock);
            var last = Meta.TryRead(block, Engine.Pages.Superblock.Read(superblock, "it"))!.Reissue(Meta.MaxId - 5, 1);
            last.Write(block, Engine.Pages.Superblock.Read(superblock, "it"));
            file.Write(8192, block);
        }

        File.Delete(_directory.DatabasePath + "-lock");
        Assert.Throws<DatabaseCorruptException>(() => Database.Open(Storage(), Sample.Options(4096)));
        Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true }).Dispose();
    }

    /// <summary>
    /// Both metas hold the same state, the newer one is an ordered one, and the check has nothing to
    /// remark.
    /// </summary>
    private void RequireSettled()
    {
        using var file = new FileStorage(_directory.DatabasePath).OpenFile(writable: false);
        byte[] superblock = new byte[4096], first = new byte[4096], second = new byte[4096];
        file.Read(0, superblock);
        file.Read(4096, first);
        file.Read(8192, second);
        var metas = new[] { first, second }.Select(
            block => Meta.TryRead(block, Engine.Pages.Superblock.Read(superblock, "it"))!).OrderBy(
                meta => meta.Id).ToArray();
        Assert.That(metas[1].IsTwinOf(metas[0]), $"{metas[0].Id} and {metas[1].Id}");
        var report = IntegrityCheck.Run(new StorageFileReader(file));
        Assert.That(report.Problems.Concat(report.Notes), Is.Empty);
    }
}
