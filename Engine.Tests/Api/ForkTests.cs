using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Forks: what is done in one, what becomes of its base, and of both when one is closed.</summary>
public class ForkTests
{
    private const int Entries = 2000;
    private TempDirectory _directory = null!;
    private Database _database = null!;

    [SetUp]
    public void Open()
    {
        _directory = new TempDirectory();
        _database = Database.Open(_directory.DatabasePath, Sample.Options(Sample.TinyPage));
        Sample.Fill(_database, 0, Entries);
        _database.Write(tx =>
        {
            var blobs = tx[tx.CreateTree("blobs")];
            for (var i = 0; i < 20; i++)
            {
                blobs.Put(Sample.Key(i), Sample.Bytes(3000, i));
            }
        });
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Fork_IsWhatTheDatabaseWas_AndGoesItsOwnWay()
    {
        var before = Sample.ReadAll(_database);
        using var fork = _database.Fork();
        Assert.That(fork.IsFork && !_database.IsFork);
        Assert.That(fork.IsReadOnly, Is.False);
        Assert.That(fork.Recovery, Is.Null);
        Assert.That(fork.PageSize, Is.EqualTo(_database.PageSize));
        Same(fork, before);

        Change(fork, 1);
        Same(_database, before);
        var changed = Sample.ReadAll(fork);
        Change(_database, 2);
        Sample.Fill(_database, Entries, 2 * Entries);
        Same(fork, changed);
        Check(fork);
        Check(_database);
    }

    [Test]
    public void Fork_OfAFile_LeavesItsBytesAlone()
    {
        // Closed, and opened again: an opening and a close that change nothing write nothing.
        _database.Dispose();
        var before = File.ReadAllBytes(_directory.DatabasePath);
        _database = Database.Open(_directory.DatabasePath, Sample.Options(Sample.TinyPage));
        using (var fork = _database.Fork())
        {
            Change(fork, 1);
            Sample.Fill(fork, 0, 3 * Entries, valueLength: 50);
            fork.Write(static tx => tx.DropTree("blobs"));
            fork.Flush();
            Check(fork);
            Assert.That(File.ReadAllBytes(_directory.DatabasePath), Is.EqualTo(before));
        }

        _database.Dispose();
        Assert.That(File.ReadAllBytes(_directory.DatabasePath), Is.EqualTo(before));
        Assert.That(Directory.GetFiles(_directory.Root), Has.Length.EqualTo(2), "the database and its lock file");
    }

    [Test]
    public void Fork_WhileTheBaseReusesAllPagesThatItCan_StaysWhatItIs()
    {
        using var fork = _database.Fork();
        var before = Sample.ReadAll(_database);
        using var second = _database.Fork();
        for (var round = 0; round < 30; round++)
        {
            Sample.Fill(_database, 0, Entries, valueLength: 20 + round);
            Change(_database, round);
        }

        // What the first has read before is verified there; the second has read nothing yet.
        Same(fork, before);
        Same(second, before);
        Check(second);
    }

    [Test]
    public void Fork_HasAllThatADatabaseHas()
    {
        using var database = Sample.InMemory(1024);
        var people = database.GetTree<int, string>("people");
        database.Write(tx =>
        {
            tx.Open(tx.CreateTree(people)).Put(1815, "Ada");
            tx[tx.CreateMultiTree("tags", TreeOptions.Counted)].Add("ada"u8, "engines"u8);
            tx[tx.CreateTree("ranks", TreeOptions.Counted)].Put("a"u8, "1"u8);
            tx[database.GetSequence("orders")].Take(10);
        });
        using var fork = database.Fork();
        var typed = fork.GetTree<int, string>("people");
        var byName = typed.AddIndex("people.by-name", static (year, name) => name, unique: true);
        using (var tx = fork.BeginWrite())
        {
            tx.BuildIndexes(typed);
            tx.Open(typed).Put(1912, "Alan");
            Assert.That(tx[fork.GetSequence("orders")].Next(), Is.EqualTo(11));
            tx[fork.GetMultiTree("tags")].Add("ada"u8, "mathematics"u8);
            var ranks = tx[fork.GetTree("ranks")];
            var savepoint = tx.Savepoint();
            ranks.Put("b"u8, "2"u8);
            tx.RollBackTo(savepoint);
            ranks.Put("c"u8, "3"u8);
            Assert.That(ranks.Rank("c"u8), Is.EqualTo(1));
            tx.CreateSnapshot("mine");
            tx.Commit(CommitMode.Deferred);
        }

        fork.Write(tx => tx.Open(typed).Delete(1815));
        using (var read = fork.BeginRead())
        {
            Assert.That(read.Open(byName).TryGet("Alan", out var year, out _) && year == 1912);
            Assert.That(read[fork.GetMultiTree("tags")].CountValues("ada"u8), Is.EqualTo(2));
            Assert.That(read.Open(typed).VerifyIndexes(), Is.Empty);
        }

        using (var mine = fork.OpenSnapshot("mine"))
        {
            Assert.That(mine.Open(typed).Get(1815), Is.EqualTo("Ada"));
            using var newest = fork.OpenSnapshot();
            var changed = newest.GetChangedTrees(mine);
            Assert.That(changed.Select(static tree => tree.Name), Is.SupersetOf(new[] { "people" }));
        }

        Assert.That(fork.MeasureSnapshots(), Has.Count.EqualTo(1));
        Check(fork);
        Assert.That(fork.RollBackTo("mine"), Is.GreaterThan(0));
        Assert.That(fork.DeleteSnapshot("mine"));
        Check(fork);
    }

    [Test]
    public async Task Fork_TellsItsChanges()
    {
        await using var fork = _database.Fork();
        await using var feed = fork.Changes().GetAsyncEnumerator();
        var next = feed.MoveNextAsync();
        Sample.Put(_database, "base"u8, "1"u8);
        Sample.Put(fork, "fork"u8, "1"u8);
        Assert.That(await next);
        var keys = feed.Current.Trees.SelectMany(feed.Current.ChangesIn).Select(static change => change.Key);
        Assert.That(keys, Is.EqualTo(new[] { "fork"u8.ToArray() }));
    }

    [Test]
    public void Fork_HasNoNamedSnapshotsOfItsBase_AndMakesItsOwn()
    {
        _database.CreateSnapshot("before");
        using var fork = _database.Fork();
        Assert.That(fork.ListSnapshots(), Is.Empty);
        Assert.That(fork.TryOpenSnapshot("before", out _), Is.False);
        Assert.That(fork.DeleteSnapshot("before"), Is.False);
        _database.DeleteSnapshot("before");
        Change(_database, 1);
        fork.CreateSnapshot("before");
        Change(fork, 2);
        Assert.That(fork.ListSnapshots().Single().Name, Is.EqualTo("before"));
        using var before = fork.OpenSnapshot("before");
        Assert.That(before.Main.All().Count(), Is.EqualTo(Entries));
        Check(fork);
    }

    [Test]
    public void Snapshot_Forked_IsTheStateOfThen()
    {
        var before = Sample.ReadAll(_database);
        _database.CreateSnapshot("before");
        Database fork;
        using (var snapshot = _database.OpenSnapshot())
        {
            Change(_database, 1);
            fork = snapshot.Fork();
        }

        Change(_database, 2);
        using (fork)
        {
            Same(fork, before);
            Change(fork, 3);
            Check(fork);
        }

        using (var named = _database.OpenSnapshot("before"))
        {
            fork = named.Fork();
        }

        Assert.That(_database.DeleteSnapshot("before"));
        for (var round = 0; round < 20; round++)
        {
            Change(_database, round);
        }

        using (fork)
        {
            Same(fork, before);
            Check(fork);
        }
    }

    [Test]
    public void Fork_OfAFork_OfADatabaseInMemory_HasWhatBothWrote()
    {
        using var memory = Sample.InMemory();
        Sample.Fill(memory, 0, Entries);
        using var first = memory.Fork();
        Sample.Fill(first, Entries, 2 * Entries);
        first.Write(static tx => tx[tx.CreateTree("blobs")].Put("a"u8, Sample.Bytes(5000, 1)));
        using var second = first.Fork();
        Change(second, 1, deleteFrom: "blobs");
        var expected = Sample.ReadAll(second);
        using var third = second.Fork();
        foreach (var database in new[] { memory, first, second })
        {
            Sample.Fill(database, 0, 3 * Entries, valueLength: 7);
            Sample.Fill(database, 0, 3 * Entries, valueLength: 9);
            Check(database);
        }

        Same(third, expected);
        Sample.Fill(third, 0, Entries, valueLength: 33);
        Check(third);
    }

    [Test]
    public void Fork_OfADatabaseThatIsOpenReadOnly_CanBeWrittenTo()
    {
        using var reader = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { ReadOnly = true, AllowTestPageSizes = true });
        using var fork = reader.Fork();
        var before = Sample.ReadAll(reader);
        for (var round = 0; round < 20; round++)
        {
            // The writer, which in this test is of the same process, knows of the fork by the reader's slot alone.
            Change(_database, round);
        }

        Same(fork, before);
        Change(fork, 1);
        Check(fork);
        Assert.Throws<InvalidOperationException>(() => reader.BeginWrite());
    }

    [Test]
    public void Base_WhenClosed_ClosesItsForksAndTheirs()
    {
        var fork = _database.Fork();
        var second = fork.Fork();
        using var read = second.BeginRead();
        Assert.That(read.Main.TryGet(Sample.Key(1), out var value));
        _database.Dispose();
        Assert.Throws<ObjectDisposedException>(() => second.BeginWrite());
        Assert.Throws<ObjectDisposedException>(() => fork.OpenSnapshot());
        var isRefused = false;
        try
        {
            _ = read.Main.Count;
        }
        catch (ObjectDisposedException)
        {
            isRefused = true;
        }

        Assert.That(isRefused);

        // As with a read transaction of the base itself: whoever forgot to end it may look at what he got.
        Assert.That(value.SequenceEqual(Sample.Bytes(20, 1)));
        fork.Dispose();
        second.Dispose();
        Assert.DoesNotThrow(() => Database.Open(
            _directory.DatabasePath, Sample.Options(Sample.TinyPage)).Dispose());
    }

    [Test]
    public void Base_ClosedInAFillCallbackOfItsFork_IsRefused()
    {
        using var fork = _database.Fork();
        using var tx = fork.BeginWrite();
        Assert.Throws<InvalidOperationException>(
            () => tx.Main.Put("key"u8, 1, _database, static (_, database) => database.Dispose()));
        tx.Dispose();
        Check(_database);
        Check(fork);
    }

    [Test]
    public void Fork_WhenDisposed_GivesItsPinBack()
    {
        var before = Pins(_database);
        var fork = _database.Fork();
        var second = fork.Fork();
        Assert.That(Pins(_database), Is.EqualTo(before + 1));
        fork.Dispose();
        Assert.That(Pins(_database), Is.EqualTo(before));
        Assert.Throws<ObjectDisposedException>(() =>
        {
            using var read = second.BeginRead();
        });

        // And with it the pages: what the base writes again and again does not make it grow.
        Sample.Fill(_database, 0, Entries);
        var pages = _database.GetStatistics().PageCount;
        for (var round = 0; round < 10; round++)
        {
            using var another = _database.Fork();
            Change(another, round);
            Sample.Fill(_database, 0, Entries);
        }

        Assert.That(_database.GetStatistics().PageCount, Is.LessThan(2 * pages));
    }

    [Test]
    public void Fork_WhoseReaderWasForgotten_KeepsItsPinUntilTheBaseIsClosed()
    {
        var fork = _database.Fork();
        var before = Pins(_database);
#pragma warning disable ENGINE002 // What becomes of one that nobody ends is the subject here.
        var read = fork.BeginRead();
#pragma warning restore ENGINE002
        Assert.That(read.Main.TryGet(Sample.Key(1), out var value));
        fork.Dispose();
        Assert.That(Pins(_database), Is.EqualTo(before));
        for (var round = 0; round < 20; round++)
        {
            Change(_database, round);
        }

        Assert.That(value.SequenceEqual(Sample.Bytes(20, 1)));
    }

    [Test]
    public void Fork_WritesToMemoryAsMuchAsItChanges()
    {
        using var fork = _database.Fork();
        var length = fork.GetStatistics().FileLength;
        Assert.That(length, Is.EqualTo(_database.GetStatistics().PageCount * Sample.TinyPage));
        for (var round = 0; round < 200; round++)
        {
            Sample.Put(fork, Sample.Key(5), Sample.Bytes(20, round));
        }

        Assert.That(
            fork.GetStatistics().FileLength - length,
            Is.LessThan(200 * Sample.TinyPage),
            "what its own commits give up is used again");
    }

    [Test]
    public void Fork_TakesTheSame_HoweverLargeTheDatabaseIs()
    {
        var (few, small) = (Measure(_database), _database.GetStatistics().FileLength);
        Sample.Fill(_database, 0, 20 * Entries, valueLength: 60);
        var (many, large) = (Measure(_database), _database.GetStatistics().FileLength);
        Assert.That(large - small, Is.GreaterThan(2_000_000));

        // A bit for each page, and room for half as many more.
        Assert.That(many - few, Is.LessThan((large - small) / 20));

        static long Measure(Database database)
        {
            database.Fork().Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var fork = database.Fork();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Test]
    public void Fork_WithOptionsThatDoNotFit_IsRefused()
    {
        Refused(new DatabaseOptions { ReadOnly = true, AllowTestPageSizes = true });
        Refused(new DatabaseOptions { PageSize = 4096 });
        Refused(new DatabaseOptions { TransactionMemory = -1 });
        using var fork = _database.Fork(
            new DatabaseOptions { TimeProvider = new SetTime(), AllowTestPageSizes = true });
        Check(fork);
        using var snapshot = _database.OpenSnapshot();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.Fork());

        void Refused(DatabaseOptions options)
        {
            var before = Pins(_database);
            Assert.That(() => _database.Fork(options), Throws.InstanceOf<ArgumentException>());
            Assert.That(Pins(_database), Is.EqualTo(before));
        }
    }

    [Test]
    public void Fork_WithHandlesOfItsBase_IsRefused()
    {
        using var fork = _database.Fork();
        var tree = _database.GetTree("blobs");
        Assert.That(() => fork.Read(tree, static (read, tree) => read[tree].Count), Throws.ArgumentException);
    }

    [Test]
    public void Fork_OfADamagedBase_TellsWhatItMeets()
    {
        _database.Dispose();
        var bytes = File.ReadAllBytes(_directory.DatabasePath);
        for (var page = 70 * Sample.TinyPage; page < bytes.Length; page += 10 * Sample.TinyPage)
        {
            bytes[page + 100] ^= 1;
        }

        File.WriteAllBytes(_directory.DatabasePath, bytes);
        _database = Database.Open(_directory.DatabasePath, Sample.Options(Sample.TinyPage));
        using var fork = _database.Fork();
        Assert.Throws<DatabaseCorruptException>(() => Sample.ReadAll(fork));
        Assert.That(fork.Check().IsOk, Is.False);
    }

    [Test]
    public void Fork_BackedUp_IsADatabaseOfItsOwn()
    {
        using var fork = _database.Fork();
        Change(fork, 1);
        using var stream = new MemoryStream();
        using (var snapshot = fork.OpenSnapshot())
        {
            snapshot.BackUp(stream);
        }

        stream.Position = 0;
        var path = _directory.File("restored.db");
        Backup.Restore([stream], path);
        using var restored = Database.Open(path, Sample.Options(Sample.TinyPage));
        Same(restored, Sample.ReadAll(fork));
        Check(restored);
    }

    [Test]
    public void Transaction_LargerThanItsMemory_IsSpilledToTheForksMemory()
    {
        var before = Sample.ReadAll(_database);
        using var fork = _database.Fork(new DatabaseOptions
        {
            TransactionMemory = 20 * Sample.TinyPage,
            EarlyWriteThreshold = 1000,
            AllowTestPageSizes = true,
        });
        using (var tx = fork.BeginWrite())
        {
            for (var i = 0; i < Entries; i++)
            {
                tx.Main.Put(Sample.Key(i), Sample.Bytes(30, i + 1));
            }

            tx[fork.GetTree("blobs")].Put(Sample.Key(1), Sample.Bytes(100_000, 1));
        }

        Same(fork, before);
        Sample.Fill(fork, 0, 2 * Entries, valueLength: 11);
        Check(fork);
        Same(_database, before);
    }

    [Test]
    public void Options_ForAFork_AreThoseOfTheBase_ButForBeingWritable()
    {
        var options = new DatabaseOptions
        {
            ReadOnly = true,
            WithoutLock = true,
            TransactionMemory = 1234567,
            WriterTimeout = TimeSpan.FromSeconds(3),
        };
        var forked = options.ForWriting();
        Assert.That((forked.ReadOnly, forked.WithoutLock), Is.EqualTo((false, false)));
        foreach (var property in typeof(DatabaseOptions).GetProperties())
        {
            if (property.Name is not (nameof(DatabaseOptions.ReadOnly) or nameof(DatabaseOptions.WithoutLock)))
            {
                Assert.That(property.GetValue(forked), Is.EqualTo(property.GetValue(options)), property.Name);
            }
        }

        Assert.That(options.ReadOnly);
    }

    [Test]
    public async Task Forks_OnManyThreads_WhileTheBaseIsWritten_AreSound()
    {
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                Sample.Fill(_database, 0, 300, valueLength: round % 40);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var round = 0; round < 10; round++)
            {
                using var fork = _database.Fork();
                Assert.That(fork.Read(static read => read.Main.Get(Sample.Key(0))!.Length),
                    Is.EqualTo(fork.Read(static read => read.Main.Get(Sample.Key(299))!.Length)));
                Sample.Fill(fork, 0, 400, valueLength: thread);
                Check(fork);
            }
        })));
        await stop.CancelAsync();
        await writer;
        Check(_database);
    }

    /// <summary>Changes a little everywhere, with values, overflow runs, and trees that come and go.</summary>
    private static void Change(Database database, int seed, string deleteFrom = "blobs")
    {
        using var tx = database.BeginWrite();
        var random = new Random(seed);
        for (var i = 0; i < 100; i++)
        {
            tx.Main.Put(Sample.Key(random.Next(Entries)), Sample.Bytes(random.Next(60), i));
            tx.Main.Delete(Sample.Key(Entries + i));
        }

        tx[tx.CreateTree($"tree {seed % 3}")].Put("a"u8, Sample.Bytes(random.Next(4000), seed));
        tx[database.GetTree(deleteFrom)].Delete(Sample.Key(seed % 20));
        tx[database.GetTree(deleteFrom)].Put(Sample.Key(seed % 7), Sample.Bytes(2000 + seed, seed));
        tx.Commit();
    }

    private static int Pins(Database database) =>
        database.Core.LockFile.Readers.CollectOwnPins(new ulong[1000]);

    private static void Same(Database database, Dictionary<string, SortedDictionary<byte[], byte[]>> expected)
    {
        var found = Sample.ReadAll(database);
        Assert.That(found.Keys, Is.EquivalentTo(expected.Keys));
        foreach (var (name, entries) in expected)
        {
            Sample.AssertSame(found[name], entries);
        }
    }

    private static void Check(Database database)
    {
        var report = database.Check();
        Assert.That(report.IsOk, string.Join('\n', report.Problems));
    }
}
