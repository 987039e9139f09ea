using Engine.Space;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// A disk that is nearly full in deferred mode: the pages that only the durable state still needs are had by making the
/// deferred commits durable, and only what does not fit then is refused.
/// </summary>
public class NearlyFullDiskTests
{
    private const int Entries = 2000;
    private const int ValueLength = 100;

    private QuotaStorage _storage = null!;
    private Database _database = null!;

    [TearDown]
    public void Close()
    {
        _database?.Dispose();
        _storage?.Dispose();
    }

    [Test]
    public void DeferredCommits_ThatReplaceEverything_FindTheRoomThatAFlushGives([Values] CommitMode last)
    {
        Open();
        _storage.Quota = _storage.Used + (_storage.Used / 2);
        for (var round = 1; round <= 10; round++)
        {
            // A half each time: the first one fits beside the durable state, the next one does not.
            Overwrite(round, (round % 2) * Entries / 2, Entries / 2, round == 10 ? last : CommitMode.Deferred);
        }

        AssertContents(10);
    }

    [Test]
    public void TransactionThatSpills_FindsTheRoomThatAFlushGives()
    {
        Open(transactionMemory: 40_000);
        _storage.Quota = _storage.Used + (_storage.Used / 2);
        for (var round = 1; round <= 10; round++)
        {
            Overwrite(round, (round % 2) * Entries / 2, Entries / 2, CommitMode.Deferred);
        }

        AssertContents(10);
    }

    [Test]
    public void LargeValue_WrittenEarly_FindsTheRoomThatAFlushGives([Values] bool inPlace)
    {
        Open(fill: 0);
        PutBig(1, CommitMode.Durable, inPlace);
        _storage.Quota = _storage.Used + 160;
        for (var round = 2; round <= 8; round++)
        {
            PutBig(round, CommitMode.Deferred, inPlace);
        }

        Sample.AssertBytes(Sample.Get(_database, "big"u8), Sample.Bytes(500_000, 8));
        Reopen();
        Sample.AssertBytes(Sample.Get(_database, "big"u8), Sample.Bytes(500_000, 8));
    }

    [Test]
    public void WhatDoesNotFitAfterTheFlushEither_IsRefused_AndTheDeferredCommitsStay()
    {
        Open();
        _storage.Quota = _storage.Used + (_storage.Used / 2);
        Overwrite(1, 0, Entries / 2, CommitMode.Deferred);
        var before = _database.GetStatistics().TransactionId;
        Assert.Throws<DatabaseFullException>(() => Overwrite(2, 0, 4 * Entries, CommitMode.Deferred));
        var statistics = _database.GetStatistics();
        Assert.That((statistics.TransactionId, statistics.DurableTransactionId), Is.EqualTo((before, before)));
        Overwrite(3, 0, 10, CommitMode.Deferred);
        Assert.That(_database.Check().IsOk);
        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(Entries));
    }

    [Test]
    public void PagesOfAReaderThatHasEnded_AndTheBranchZone_AreUsedBeforeTheDiskIsCalledFull([Values] CommitMode mode)
    {
        Open();
        var reader = _database.OpenSnapshot();
        Overwrite(1, 0, Entries, CommitMode.Durable);
        _storage.Quota = _storage.Used;
        Assert.Throws<DatabaseFullException>(() => Overwrite(2, 0, Entries, mode), "the reader keeps half of the file");
        reader.Dispose();
        Overwrite(2, 0, Entries, mode);
        Assert.That(Sample.Get(_database, Sample.Key(7)), Is.EqualTo(Value(2, 7)));
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void RandomChanges_OnADiskThatIsNearlyFull_AreAllDoneOrNotAtAll(
        [Values(0, 20_000)] int budget, [Range(1, 8)] int seed)
    {
        var random = new Random(seed);
        _storage = new QuotaStorage();
        var options = new DatabaseOptions
        {
            PageSize = 512,
            AllowTestPageSizes = true,
            FlushInterval = Timeout.InfiniteTimeSpan,
            DeferredLimit = long.MaxValue,
            TransactionMemory = budget == 0 ? long.MaxValue : budget,
            EarlyWriteThreshold = 9000,
            Space = new SpaceTuning { LogHeadLimit = 96, SmallLog = 400, ZoneMinimumPages = 96 },
        };
        _database = Database.Open(_storage, options);
        var model = new Dictionary<string, SortedDictionary<byte[], byte[]>>(StringComparer.Ordinal);
        foreach (var name in (string[])["", "one", "two"])
        {
            model[name] = new(ByteOrder.Instance);
        }

        _storage.Quota = 140;
        var (full, done) = (0, 0);
        for (var round = 0; round < 150; round++)
        {
            var next = model.ToDictionary(static tree => tree.Key, static tree => Copy(tree.Value));
            try
            {
                using var transaction = _database.BeginWrite();
                ChangeAtRandom(random, transaction, next);
                transaction.Commit(random.Next(8) == 0 ? CommitMode.Durable : CommitMode.Deferred);
                model = next;
                done++;
            }
            catch (DatabaseFullException)
            {
                full++;
            }

            if (round % 30 == 29)
            {
                Assert.That(_database.Check().IsOk);
                AssertHolds(model);
                _database.Dispose();
                _database = Database.Open(_storage, options);
                AssertHolds(model);
            }
        }

        Assert.That((full > 0, done > 30), Is.EqualTo((true, true)), $"{full} full, {done} done");
    }

    private static SortedDictionary<byte[], byte[]> Copy(SortedDictionary<byte[], byte[]> entries) =>
        new(entries, ByteOrder.Instance);

    private static void ChangeAtRandom(
        Random random, WriteTransaction transaction, Dictionary<string, SortedDictionary<byte[], byte[]>> model)
    {
        var (name, entries) = model.ElementAt(random.Next(model.Count));
        var tree = name.Length == 0 ? transaction.Database.Main : transaction.CreateTree(name);
        for (var i = random.Next(150); i > 0; i--)
        {
            var key = Sample.Key(random.Next(400));
            if (random.Next(3) == 0)
            {
                transaction[tree].Delete(key);
                entries.Remove(key);
            }
            else
            {
                var limit = random.Next(40) switch { 0 => 30_000, 1 or 2 => 3000, _ => 120 };
                var value = Sample.Bytes(random.Next(limit), random.Next());
                transaction[tree].Put(key, value);
                entries[key] = value;
            }
        }
    }

    private void AssertHolds(Dictionary<string, SortedDictionary<byte[], byte[]>> model)
    {
        var all = Sample.ReadAll(_database);
        foreach (var (name, entries) in model)
        {
            Sample.AssertSame(all.TryGetValue(name, out var actual) ? actual : new(ByteOrder.Instance), entries);
        }
    }

    private static byte[] Value(int round, int number) => Sample.Bytes(ValueLength, (round * 100_000) + number);

    private void Open(int fill = Entries, long transactionMemory = 1 << 30)
    {
        _storage = new QuotaStorage();
        _database = Database.Open(_storage, Options(transactionMemory));
        if (fill > 0)
        {
            Overwrite(0, 0, fill, CommitMode.Durable);
        }
    }

    private static DatabaseOptions Options(long transactionMemory) => new()
    {
        FlushInterval = Timeout.InfiniteTimeSpan,
        DeferredLimit = long.MaxValue,
        TransactionMemory = transactionMemory,
        AllowTestPageSizes = true,
    };

    private void Overwrite(int round, int from, int count, CommitMode mode)
    {
        using var transaction = _database.BeginWrite();
        for (var i = from; i < from + count; i++)
        {
            transaction.Main.Put(Sample.Key(i), Value(round, i));
        }

        transaction.Commit(mode);
    }

    private void PutBig(int round, CommitMode mode, bool inPlace)
    {
        using var transaction = _database.BeginWrite();
        if (inPlace)
        {
            transaction.Main.Put(
                "big"u8,
                500_000,
                round,
                static (span, number) => Sample.Bytes(500_000, number).CopyTo(span));
        }
        else
        {
            transaction.Main.Put("big"u8, Sample.Bytes(500_000, round));
        }

        transaction.Commit(mode);
    }

    private void AssertContents(int lastRound)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            Assert.That(_database.Check().IsOk);
            var entries = Sample.ReadAll(_database)[string.Empty];
            Assert.That(entries, Has.Count.EqualTo(Entries));
            for (var i = 0; i < Entries; i++)
            {
                var isOdd = i >= Entries / 2;
                var round = isOdd == (lastRound % 2 == 1) ? lastRound : lastRound - 1;
                Sample.AssertBytes(entries[Sample.Key(i)], Value(round, i));
            }

            Reopen();
        }
    }

    private void Reopen()
    {
        _database.Dispose();
        _database = Database.Open(_storage, Options(1 << 30));
    }
}
