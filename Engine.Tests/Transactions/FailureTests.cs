using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// What the disk refuses: a full one aborts and the database goes on; a failed flush or meta write ends all commits.
/// </summary>
public class FailureTests
{
    private const int FirstPage = 16384;

    private CountingStorage _storage = null!;
    private Database _database = null!;

    [SetUp]
    public void Open()
    {
        _storage = new CountingStorage(new MemoryStorage());
        _database = Database.Open(_storage, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Fill(_database, 0, 100);
    }

    [TearDown]
    public void Close()
    {
        try
        {
            _database.Dispose();
        }
        catch (DatabaseException)
        {
            // Poisoned by the test.
        }
        finally
        {
            _storage.Dispose();
        }
    }

    [Test]
    public void FullDisk_WhenPagesAreWritten_AbortsTheTransaction_AndTheDatabaseGoesOn(
        [Values] bool isFull, [Values] CommitMode mode, [Values] bool growing)
    {
        var before = _database.GetStatistics();
        void Fail() => throw new StorageWriteException("no room", isFull);
        if (growing)
        {
            _storage.BeforeSetLength = _ => Fail();
        }
        else
        {
            _storage.BeforeWrite = (offset, _) => { if (offset >= FirstPage) { Fail(); } };
        }

        using (var transaction = _database.BeginWrite())
        {
            for (var i = 50; i < 2000; i++)
            {
                transaction.Main.Put(Sample.Key(i), Sample.Bytes(50, -i));
            }

            var error = Assert.Throws(
                isFull ? Is.TypeOf<DatabaseFullException>() : Is.TypeOf<DatabaseException>(),
                () => transaction.Commit(mode));
            Assert.That(error!.Message, Does.Contain("aborted"));
            Assert.Throws<ObjectDisposedException>(() => transaction.Commit());
        }

        Assert.That(_database.GetStatistics() with { FileLength = 0 }, Is.EqualTo(before with { FileLength = 0 }));
        (_storage.BeforeWrite, _storage.BeforeSetLength) = (null, null);
        Sample.Fill(_database, 100, 200);
        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(200));
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void FullDisk_WhenALargeValueIsPut_IsTheDocumentedError_AndTheTransactionCanOnlyBeAborted(
        [Values] bool growing, [Values] bool inPlace)
    {
        if (growing)
        {
            _storage.BeforeSetLength = _ => throw new StorageWriteException("no room", isFull: true);
        }
        else
        {
            _storage.BeforeWrite = (_, _) => throw new StorageWriteException("no room", isFull: true);
        }

        using (var transaction = _database.BeginWrite())
        {
            Assert.Throws<DatabaseFullException>(() =>
            {
                if (inPlace)
                {
                    transaction.Main.Put("big"u8, 1_000_000, 0, static (_, _) => { });
                }
                else
                {
                    transaction.Main.Put("big"u8, Sample.Bytes(1_000_000, 1));
                }
            });
            (_storage.BeforeWrite, _storage.BeforeSetLength) = (null, null);
            Assert.Throws<InvalidOperationException>(() => transaction.Main.Put("a"u8, "b"u8));
            Assert.Throws<InvalidOperationException>(() => transaction.Commit());
        }

        Sample.Put(_database, "big"u8, Sample.Bytes(1_000_000, 1));
        Sample.AssertBytes(Sample.Get(_database, "big"u8), Sample.Bytes(1_000_000, 1));
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public async Task FailedFlushOrMetaWrite_PoisonsTheDatabase_AndReadersGoOn(
        [Values("flush", "meta")] string what, [Values] CommitMode mode)
    {
        var reader = _database.OpenSnapshot();
        if (what == "flush")
        {
            _storage.BeforeFlush = () => throw new StorageWriteException("EIO");
        }
        else
        {
            _storage.BeforeWrite = (offset, _) =>
            {
                if (offset < FirstPage)
                {
                    throw new StorageWriteException("EIO");
                }
            };
        }

        if (mode == CommitMode.Durable)
        {
            Assert.Throws<DatabasePoisonedException>(() => Sample.Put(_database, "a"u8, "1"u8));
        }
        else
        {
            Sample.Put(_database, "a"u8, "1"u8, mode);
            Assert.Throws<DatabasePoisonedException>(_database.Flush);
        }

        // The disk is well again, but nothing may be retried.
        (_storage.BeforeWrite, _storage.BeforeFlush) = (null, null);
        _storage.Counts.Reset();
        Assert.Throws<DatabasePoisonedException>(() => Sample.Put(_database, "b"u8, "1"u8));
        Assert.Throws<DatabasePoisonedException>(() => _database.BeginWrite());
        await Assert.ThrowsAsync<DatabasePoisonedException>(async () => await _database.BeginWriteAsync());
        Assert.That(reader.Main.All().Count(), Is.EqualTo(100));
        Assert.That(Sample.Get(_database, Sample.Key(1)), Is.Not.Null);
        reader.Dispose();
        Assert.That(
            _database.Dispose,
            mode == CommitMode.Durable ? Throws.Nothing : Throws.TypeOf<DatabasePoisonedException>(),
            "what was shown and is not durable is not lost without a word");
        Assert.That((_storage.Counts.Flushes, _storage.Counts.Writes.Count), Is.EqualTo((0, 0)));
    }
}
