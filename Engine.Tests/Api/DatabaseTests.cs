using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Opening, closing, handles and numbers of a database.</summary>
public class DatabaseTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void Open_WhenThereIsNoFile_CreatesAnEmptyDatabase()
    {
        using var database = Database.Open(_directory.DatabasePath);

        Assert.That(database.Path, Is.EqualTo(_directory.DatabasePath));
        Assert.That((database.PageSize, database.MaxKeyLength, database.IsReadOnly), Is.EqualTo((4096, 1024, false)));
        using var read = database.BeginRead();
        Assert.That(read.Main.Count, Is.Zero);
        Assert.That(read.GetTreeNames(), Is.Empty);
    }

    [Test]
    public void Open_AfterACommit_FindsWhatWasCommitted([Values(4096, 8192, 16384, 32768, 65536)] int pageSize)
    {
        using (var database = Database.Open(_directory.DatabasePath, new DatabaseOptions { PageSize = pageSize }))
        {
            Sample.Fill(database, 0, 1000);
        }

        using var again = Database.Open(_directory.DatabasePath);
        Assert.That(again.PageSize, Is.EqualTo(pageSize));
        var entries = Sample.ReadAll(again)[string.Empty];
        Assert.That(entries, Has.Count.EqualTo(1000));
        Sample.AssertBytes(entries[Sample.Key(999)], Sample.Bytes(20, 999));
    }

    [Test]
    [Platform("Linux")]
    public void Open_WithoutReadAhead_AdvisesEveryMapOfTheFile([Values] bool readAhead)
    {
        using var database = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadAhead = readAhead });

        // So many that the file grows, and is mapped again.
        Sample.Fill(database, 0, 20_000);
        var maps = 0;
        var isOurs = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            // A mapping begins with its addresses (a map of no file has no name behind them), each of its lines with a
            // name and a colon.
            isOurs = line.Split(' ')[0].Contains('-', StringComparison.Ordinal)
                ? line.EndsWith(_directory.DatabasePath, StringComparison.Ordinal)
                : isOurs;
            if (isOurs && line.StartsWith("VmFlags:", StringComparison.Ordinal))
            {
                // rr: random read advice was given.
                Assert.That(line.Split(' ').Contains("rr"), Is.EqualTo(!readAhead));
                maps++;
            }
        }

        Assert.That(maps, Is.Positive);
    }

    [Test]
    public void Open_WhenAWriteTransactionWasLeftOpen_FindsTheCommittedState()
    {
        var database = Database.Open(_directory.DatabasePath);
        Sample.Put(database, "a"u8, "1"u8);
        var open = database.BeginWrite();
        open.Main.Put("a"u8, "2"u8);
        database.Dispose();

        using var again = Database.Open(_directory.DatabasePath);
        Assert.That(Sample.Get(again, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Open_ByARelativePathASymbolicLinkAndAPathInUnicode_IsTheSameDatabase()
    {
        var path = _directory.File("Wörter ✓ 数据.db");
        using (var database = Database.Open(path))
        {
            Sample.Put(database, "a"u8, "1"u8);
        }

        var link = _directory.File("link.db");
        File.CreateSymbolicLink(link, path);
        using (var database = Database.Open(link))
        {
            Assert.That(database.Path, Is.EqualTo(path));
            Assert.Throws<DatabaseBusyException>(() => Database.Open(path));
            Sample.Put(database, "b"u8, "2"u8);
        }

        using var relative = Database.Open(Path.GetRelativePath(Environment.CurrentDirectory, path));
        Assert.That(Sample.Get(relative, "b"u8), Is.EqualTo("2"u8.ToArray()));
    }

    [Test]
    public void Open_ReadOnly_SeesCommitsOfTheWriterBesideIt()
    {
        using var writer = Database.Open(_directory.DatabasePath);
        Sample.Put(writer, "a"u8, "1"u8);
        using var reader = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        Assert.That(Sample.Get(reader, "a"u8), Is.EqualTo("1"u8.ToArray()));

        using (var held = reader.OpenSnapshot())
        {
            for (var i = 0; i < 50; i++)
            {
                Sample.Fill(writer, i * 100, (i + 1) * 100);
                Sample.Put(writer, "a"u8, Sample.Key(i));
            }

            Assert.That(held.Main.All().Single().Value, Is.EqualTo("1"u8.ToArray()));
        }

        Assert.That(Sample.Get(reader, "a"u8), Is.EqualTo(Sample.Key(49)));
        Assert.That(reader.IsReadOnly);
        Assert.That(reader.GetStatistics().Main.Entries, Is.EqualTo(5001));
        Assert.That(reader.GetStatistics().PendingPages, Is.Null);
    }

    [Test]
    public async Task ReadOnly_WhenWritingIsTried_SaysSo()
    {
        Database.Open(_directory.DatabasePath).Dispose();
        using var database = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });

        Assert.Throws<InvalidOperationException>(() => database.BeginWrite());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await database.BeginWriteAsync());
        Assert.Throws<InvalidOperationException>(database.Flush);
    }

    [Test]
    public void Open_WithoutLock_ReadsAndLeavesNoLockFile()
    {
        using (var database = Database.Open(_directory.DatabasePath))
        {
            Sample.Put(database, "a"u8, "1"u8);
        }

        File.Delete(_directory.DatabasePath + "-lock");
        using (var database = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { ReadOnly = true, WithoutLock = true }))
        {
            Assert.That(Sample.Get(database, "a"u8), Is.EqualTo("1"u8.ToArray()));
        }

        Assert.That(Directory.GetFiles(_directory.Root), Is.EqualTo(new[] { _directory.DatabasePath }));
    }

    [Test]
    public void Options_OutOfRange_AreRefusedBeforeAnythingIsCreated()
    {
        foreach (var size in new[] { 0, -1, 256, 2048, 4095, 5000, 131072, int.MaxValue, int.MinValue })
        {
            Assert.Throws<ArgumentException>(
                () => Database.Open(_directory.DatabasePath, new DatabaseOptions { PageSize = size }));
            Assert.Throws<ArgumentException>(() => Database.OpenInMemory(new DatabaseOptions { PageSize = size }));
        }

        Assert.Throws<ArgumentException>(
            () => Database.Open(_directory.DatabasePath, new DatabaseOptions { WithoutLock = true }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Database.Open(_directory.DatabasePath, new DatabaseOptions { TransactionMemory = 10 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Database.Open(_directory.DatabasePath, new DatabaseOptions { DeferredLimit = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Database.Open(_directory.DatabasePath, new DatabaseOptions { FlushInterval = TimeSpan.Zero }));
        Assert.Throws<ArgumentNullException>(() => Database.Open(null!));
        Assert.Throws<ArgumentException>(() => Database.Open(string.Empty));
        Assert.That(Directory.GetFiles(_directory.Root), Is.Empty);
    }

    [Test]
    public void Validate_RefusesWhatOpeningWould_AndNamesTheOption()
    {
        Assert.That(new DatabaseOptions().Validate, Throws.Nothing);
        Assert.That(
            new DatabaseOptions { PageSize = 5000 }.Validate,
            Throws.ArgumentException.With.Property(nameof(ArgumentException.ParamName)).EqualTo("PageSize"));
        Assert.That(
            new DatabaseOptions { WriterTimeout = TimeSpan.Zero }.Validate,
            Throws.InstanceOf<ArgumentException>()
                .With.Property(nameof(ArgumentException.ParamName)).EqualTo("WriterTimeout"));
    }

    [Test]
    public void GetTree_GivesTheSameHandleForAName_AndRefusesWhatIsNoName()
    {
        using var database = Database.OpenInMemory();
        var first = database.GetTree("a");
        Assert.That(database.GetTree("a"), Is.SameAs(first));
        Assert.That(database.GetTree("a"), Is.Not.SameAs(database.GetTree("A")));
        Assert.That(database.GetTree("a").Name, Is.EqualTo("a"));
        Assert.That(database.Main.Name, Is.Empty);

        Assert.Throws<ArgumentNullException>(() => database.GetTree(null!));
        Assert.Throws<ArgumentException>(() => database.GetTree(string.Empty));
        Assert.That(
            database.GetTree(new string('ü', database.MaxKeyLength / 2)).Name,
            Has.Length.EqualTo(database.MaxKeyLength / 2));
        Assert.Throws<KeyTooLongException>(() => database.GetTree(new string('ü', (database.MaxKeyLength / 2) + 1)));
    }

    [Test]
    public void GetTree_WithHalfASurrogatePair_IsRefused_BecauseItWouldNameAnotherTree()
    {
        using var database = Sample.InMemory();
        Assert.Throws(Is.InstanceOf<ArgumentException>(), () => database.GetTree("a\ud800"));
    }

    [Test]
    public void InMemory_WorksLikeAFile_AndIsGoneWhenClosed()
    {
        using var database = Database.OpenInMemory();
        Sample.Fill(database, 0, 5000);
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("big"u8, Sample.Bytes(1_000_000, 1));
            transaction.Commit(CommitMode.Deferred);
        }

        database.Flush();
        Sample.AssertBytes(Sample.Get(database, "big"u8), Sample.Bytes(1_000_000, 1));
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(5001));
        using var other = Database.OpenInMemory();
        Assert.That(other.GetStatistics().Main.Entries, Is.Zero);
    }

    [Test]
    public void Statistics_AddUp_WhateverHappened()
    {
        using var database = Sample.InMemory(512);
        var random = new Random(7);
        var trees = new[] { "a", "b", "c" }.Select(database.GetTree).ToArray();
        for (var round = 0; round < 60; round++)
        {
            using (var transaction = database.BeginWrite())
            {
                var tree = transaction.CreateTree(trees[random.Next(trees.Length)].Name);
                for (var i = 0; i < 30; i++)
                {
                    transaction[tree].Put(Sample.Key(random.Next(500)), Sample.Bytes(random.Next(700), i));
                    transaction.Main.Delete(Sample.Key(random.Next(500)));
                    transaction.Main.Put(Sample.Key(random.Next(500)), Sample.Bytes(30, i));
                }

                if (round % 7 == 6)
                {
                    transaction.DropTree(tree);
                }

                transaction.Commit(round % 3 == 0 ? CommitMode.Deferred : CommitMode.Durable);
            }

            var numbers = database.GetStatistics();
            var counts = database.Core.Writer!.SpaceCounts;
            Assert.That(
                numbers.FreePages, Is.EqualTo(counts.Reusable + counts.Pending), "free pages are reusable or pending");
            Assert.That(numbers.PendingPages, Is.EqualTo(counts.Pending));
            Assert.That(
                numbers.PageCount,
                Is.EqualTo(
                    (16384 / 512) + numbers.TreePages + numbers.LogPages + numbers.ListPages + numbers.FreePages));
            Assert.That((ulong)numbers.FileLength, Is.GreaterThanOrEqualTo(numbers.PageCount * 512));
            Assert.That(
                numbers.DurableTransactionId,
                round % 3 == 0 ? Is.LessThan(numbers.TransactionId) : Is.EqualTo(numbers.TransactionId));
            Assert.That(numbers.Main.Entries, Is.EqualTo(Sample.ReadAll(database)[string.Empty].Count));
            Assert.That(
                numbers.Catalog.Entries,
                Is.EqualTo((ulong)database.Read(0, static (read, _) => read.GetTreeNames().Count)));
        }
    }

    [Test]
    public void Close_CutsTheFileToItsPages_AndReopeningReadsTheSame()
    {
        using (var database = Database.Open(_directory.DatabasePath))
        {
            Sample.Fill(database, 0, 5000, 100);
            using (var transaction = database.BeginWrite())
            {
                transaction.Main.DeleteFrom(Sample.Key(10));
                transaction.Commit();
            }

            for (var i = 0; i < 5; i++)
            {
                Sample.Put(database, Sample.Key(i), "x"u8);
            }
        }

        var length = new FileInfo(_directory.DatabasePath).Length;
        using var again = Database.Open(_directory.DatabasePath);
        var numbers = again.GetStatistics();
        Assert.That(length, Is.EqualTo(numbers.PageCount * 4096));
        Assert.That(length, Is.LessThan(200_000), "the tail that the deletions freed was given back");
        Assert.That(numbers.Main.Entries, Is.EqualTo(10));
    }

    [Test]
    public void Read_GivesTheCallbacksResult_AndEndsTheTransactionWhenItThrows()
    {
        using var database = Sample.InMemory();
        Sample.Put(database, "a"u8, "1"u8);
        Assert.That(
            database.Read("a", static (read, key) => read.Main.Get(Encoding.UTF8.GetBytes(key))),
            Is.EqualTo("1"u8.ToArray()));

        // More often than there are reader slots.
        for (var i = 0; i < 4200; i++)
        {
            Assert.Throws<FormatException>(
                () => database.Read<int, int>(0, static (_, _) => throw new FormatException()));
        }

        Assert.Throws<ArgumentNullException>(() => database.Read<int, int>(0, null!));
    }
}
