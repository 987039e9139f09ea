using System.Collections.Concurrent;
using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Tests.Transactions;

namespace Engine.Tests.Api;

/// <summary>A database is copied while it is in use, whole or not at all.</summary>
public class CopyTests
{
    private TempDirectory _directory = null!;
    private Database _database = null!;

    private string Target => _directory.File("copy.db");

    [SetUp]
    public void Open()
    {
        _directory = new TempDirectory();
        _database = Database.Open(_directory.DatabasePath);
        Sample.Fill(_database, 0, 3000);
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task CopyTo_GivesADatabaseOfItsOwnWithTheSameContent([Values] bool compact)
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction[transaction.CreateTree("users")].Put("a"u8, new byte[100_000]);
            transaction[transaction.CreateTree("counted", TreeOptions.Counted)].Put("b"u8, "1"u8);
            transaction[transaction.CreateMultiTree("pairs")].Add("key"u8, "one"u8);
            transaction[_database.GetMultiTree("pairs")].Add("key"u8, "two"u8);
            transaction[transaction.CreateExpiringTree("sessions")].Put("s"u8, "1"u8, TimeSpan.FromDays(1));
            transaction.Commit();
        }

        _database.CreateSnapshot("kept");
        Sample.Put(_database, "deferred"u8, "1"u8, CommitMode.Deferred);
        var expected = Sample.ReadAll(_database);

        var report = await _database.CopyToAsync(Target, new CopyOptions { Compact = compact });

        Assert.That(report.TransactionId, Is.EqualTo(_database.GetStatistics().TransactionId));
        Assert.That(report.Integrity.IsOk);
        Assert.That(report.FileLength, Is.EqualTo(new FileInfo(Target).Length));
        Assert.That(Files(), Is.EquivalentTo(["copy.db", "test.db", "test.db-lock"]));
        using var copy = Database.Open(Target);
        var actual = Sample.ReadAll(copy);
        Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (name, entries) in expected)
        {
            Sample.AssertSame(actual[name], entries);
        }

        using var read = copy.BeginRead();
        Assert.That(read[copy.GetTree("counted")].GetStatistics().Options, Is.EqualTo(TreeOptions.Counted));
        Assert.That(read[copy.GetMultiTree("pairs")].Count, Is.EqualTo(2));
        Assert.That(read[copy.GetExpiringTree("sessions")].TryGet("s"u8, out _));
        Assert.That(copy.ListSnapshots(), Is.Empty);
        Assert.That(copy.Check().IsOk);
        Sample.Put(copy, "own"u8, "1"u8);
        Assert.That(Sample.Get(_database, "own"u8), Is.Null);
    }

    [Test]
    public void CopyTo_Compact_OfADatabaseWithHoles_IsSmaller()
    {
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < 3000; i += 1)
            {
                if (i % 10 != 0)
                {
                    transaction.Main.Delete(Sample.Key(i));
                }
            }

            transaction.Commit();
        }

        var plain = _database.CopyTo(Target);
        var compact = _database.CopyTo(_directory.File("small.db"), new CopyOptions { Compact = true });

        Assert.That(compact.Integrity.Entries, Is.EqualTo(plain.Integrity.Entries));
        Assert.That(compact.FileLength, Is.LessThan(plain.FileLength / 2));
        Assert.That(compact.Integrity.FreePages, Is.LessThan(5));
    }

    [Test]
    public void CopyTo_OfADatabaseInMemory_AndOneOpenReadOnly_Works([Values] bool compact)
    {
        using var memory = Database.OpenInMemory();
        Sample.Fill(memory, 0, 100);
        using var reader = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        var options = new CopyOptions { Compact = compact };

        Assert.That(memory.CopyTo(Target, options).Integrity.Entries, Is.EqualTo(100));
        Assert.That(reader.CopyTo(_directory.File("other.db"), options).Integrity.Entries, Is.EqualTo(3000));
    }

    [Test]
    public void CopyTo_WithSeveralThreads_ChecksTheSame([Values] bool compact)
    {
        var alone = _database.CopyTo(_directory.File("alone.db"), new CopyOptions { Compact = compact });

        var report = _database.CopyTo(Target, new CopyOptions { Compact = compact, MaxDegreeOfParallelism = 3 });

        Assert.That(report.Integrity.ToString(), Is.EqualTo(alone.Integrity.ToString()));
        Assert.That((report.Integrity.IsOk, report.Integrity.Entries), Is.EqualTo((true, 3000)));
    }

    [Test]
    public void CopyTo_WithAWrongDegree_ThrowsAndLeavesNothing([Values(0, -2)] int degree)
    {
        var options = new CopyOptions { MaxDegreeOfParallelism = degree };
        Assert.Throws<ArgumentOutOfRangeException>(() => _database.CopyTo(Target, options));
        Assert.That(Files(), Is.EquivalentTo(["test.db", "test.db-lock"]));
    }

    [Test]
    public void CopyTo_BesideAWriter_IsOneOfItsStates([Values] bool compact)
    {
        void WriteRound(byte round)
        {
            using var transaction = _database.BeginWrite();
            for (var i = 0; i < 300; i++)
            {
                transaction.Main.Put(Sample.Key(i * 10), [round]);
            }

            transaction.Commit();
        }

        WriteRound(0);
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(
            () =>
            {
                for (byte round = 1; !stop.IsCancellationRequested; round++)
                {
                    WriteRound(round);
                }
            });
        try
        {
            for (var i = 0; i < 5; i++)
            {
                var path = _directory.File($"copy{i}.db");
                _database.CopyTo(path, new CopyOptions { Compact = compact });
                using var copy = Database.Open(path, new DatabaseOptions { ReadOnly = true, WithoutLock = true });
                var first = Sample.Get(copy, Sample.Key(0));
                using var read = copy.BeginRead();
                for (var key = 0; key < 3000; key += 10)
                {
                    Assert.That(read.Main.Get(Sample.Key(key)), Is.EqualTo(first));
                }
            }
        }
        finally
        {
            stop.Cancel();
            writer.Wait();
        }
    }

    [Test]
    public void CopyTo_TellsHowFarItIs_InBothStages([Values] bool compact)
    {
        var told = new Collected();

        var report = _database.CopyTo(Target, new CopyOptions { Compact = compact, Progress = told });

        var copied = told.Where(static it => it.Stage == CopyStage.Copying).Select(static it => it.Done).ToList();
        Assert.That(copied, Is.Not.Empty.And.Ordered);
        Assert.That(copied[^1], compact ? Is.EqualTo(3000).Within(256) : Is.GreaterThan(20));
        Assert.That(report.Integrity.PageCount, Is.GreaterThan(20));
    }

    [Test]
    public void CopyTo_WhenItIsCancelled_LeavesNothing([Values] bool compact, [Values] bool before)
    {
        using var cancellation = new CancellationTokenSource();
        if (before)
        {
            cancellation.Cancel();
        }

        var options = new CopyOptions { Compact = compact, Progress = new Cancelling(cancellation) };

        Assert.That(
            () => _database.CopyTo(Target, options, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            async () => await _database.CopyToAsync(Target, options, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Files(), Is.EquivalentTo(["test.db", "test.db-lock"]));
    }

    [Test]
    public void CopyTo_WhereSomethingIs_ReplacesNothing([Values] bool compact)
    {
        File.WriteAllText(Target, "mine");

        Assert.Throws<DatabaseBusyException>(() => _database.CopyTo(Target, new CopyOptions { Compact = compact }));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("mine"));
        Assert.That(Files(), Is.EquivalentTo(["copy.db", "test.db", "test.db-lock"]));
    }

    [Test]
    public void CopyTo_WhereSomethingComesMeanwhile_ReplacesNothing()
    {
        var options = new CopyOptions { Progress = new Doing(() => File.WriteAllText(Target, "mine")) };

        Assert.Throws<DatabaseBusyException>(() => _database.CopyTo(Target, options));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("mine"));
        Assert.That(Files(), Is.EquivalentTo(["copy.db", "test.db", "test.db-lock"]));
    }

    [Test]
    public void CopyTo_WhereItCannotBe_IsATypedError([Values] bool compact)
    {
        var options = new CopyOptions { Compact = compact };
        Assert.Throws<DatabaseNotFoundException>(() => _database.CopyTo(_directory.File("no/copy.db"), options));
        Assert.Throws<ArgumentException>(() => _database.CopyTo(_directory.DatabasePath + "-lock", options));
        Assert.Throws<ArgumentException>(() => _database.CopyTo("", options));
        Assert.That(Files(), Is.EquivalentTo(["test.db", "test.db-lock"]));
    }

    [Test]
    public void CopyTo_OfADamagedDatabase_FailsAndLeavesNothing([Values] bool compact)
    {
        _database.Dispose();
        var bytes = File.ReadAllBytes(_directory.DatabasePath);
        for (var page = 4; page < bytes.Length / 4096; page++)
        {
            bytes[(page * 4096) + 2000] ^= 1;
        }

        File.WriteAllBytes(_directory.DatabasePath, bytes);
        using var reader = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });

        Assert.Throws<DatabaseCorruptException>(() => reader.CopyTo(Target, new CopyOptions { Compact = compact }));
        Assert.That(Files(), Is.EquivalentTo(["test.db", "test.db-lock"]));
    }

    [Test]
    public void CopyTo_OfAPoisonedDatabase_HasWhatIsDurable([Values] bool compact)
    {
        var storage = new FaultStorage();
        var database = TransactionTest.Open(storage);
        TransactionTest.Put(database, "a"u8, "1"u8);
        storage.BeforeFlush = static () => throw new StorageWriteException("simulated", isFull: false);
        Assert.Throws<DatabasePoisonedException>(() => TransactionTest.Put(database, "b"u8, "1"u8));

        database.CopyTo(Target, new CopyOptions { Compact = compact });
        database.Dispose();

        using var copy = Database.Open(Target);
        Assert.That(Sample.Get(copy, "a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(Sample.Get(copy, "b"u8), Is.Null);
    }

    [Test]
    public void CopyTo_OfAClosedDatabase_Throws()
    {
        _database.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _database.CopyTo(Target));
    }

    private IEnumerable<string?> Files() => Directory.GetFiles(_directory.Root).Select(Path.GetFileName);

    private sealed class Collected : ConcurrentQueue<CopyProgress>, IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => Enqueue(value);
    }

    private sealed class Cancelling(CancellationTokenSource cancellation) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => cancellation.Cancel();
    }

    private sealed class Doing(Action action) : IProgress<CopyProgress>
    {
        public void Report(CopyProgress value) => action();
    }
}
