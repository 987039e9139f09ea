using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Named snapshots: states that outlive the process, and the pages that they keep.</summary>
public class NamedSnapshotTests
{
    private TempDirectory _directory = null!;
    private Database _database = null!;

    [SetUp]
    public void Open()
    {
        _directory = new TempDirectory();
        _database = Database.Open(Path, Sample.Options(Sample.TinyPage));
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    private string Path => _directory.File("named.db");

    [Test]
    public void CreateSnapshot_KeepsTheState_AcrossReopening()
    {
        Sample.Fill(_database, 0, 500);
        var id = _database.CreateSnapshot("first");
        Sample.Fill(_database, 0, 800, valueLength: 3);
        Reopen();
        for (var i = 0; i < 20; i++)
        {
            Sample.Fill(_database, 0, 800, valueLength: i);
        }

        using var snapshot = _database.OpenSnapshot("first");
        Assert.That(snapshot.TransactionId, Is.EqualTo(id));
        AssertHolds(snapshot, 500, 20);
        Assert.That(_database.Check().IsOk, Is.True);
    }

    [Test]
    public void Check_WhileSnapshotsAreDeletedAndTheirPagesReused_ReportsNoDamage()
    {
        const int Entries = 60_000;
        Sample.Fill(_database, 0, Entries);
        foreach (var name in new[] { "first", "second", "third" })
        {
            _database.CreateSnapshot(name);
            Sample.Fill(_database, 0, 3000, valueLength: name.Length);
        }

        var isChanged = false;
        var report = _database.Check(new IntegrityCheckOptions { Progress = Change });

        Assert.That(isChanged, Is.True);
        Assert.That(report.Problems, Is.Empty);
        Assert.That(report.Snapshots, Is.EqualTo(3), "the names of the state that was checked");
        Assert.That(report.SnapshotPages, Is.GreaterThan(0), "the first one was looked at");

        void Change(IntegrityProgress progress)
        {
            if (!isChanged)
            {
                isChanged = true;
                _database.DeleteSnapshot("second");
                _database.DeleteSnapshot("third");
                _database.CreateSnapshot("third");
                for (var i = 0; i < 5; i++)
                {
                    Sample.Fill(_database, 0, 3000, valueLength: i);
                }
            }
        }
    }

    [Test]
    public void CreateSnapshot_WithinATransaction_NamesWhatTheTransactionBecomes()
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "1"u8);
            transaction.CreateSnapshot("own");
            transaction.Main.Put("b"u8, "2"u8);
            transaction.Commit();
        }

        using (var own = _database.OpenSnapshot("own"))
        {
            Assert.That(own.Main.Count, Is.EqualTo(2));
        }

        Sample.Put(_database, "c"u8, "3"u8);
        Sample.Put(_database, "d"u8, "4"u8);
        Reopen();
        Sample.Put(_database, "e"u8, "5"u8);
        using var later = _database.OpenSnapshot("own");
        Assert.That(later.Main.All().Select(static entry => (char)entry.Key[0]), Is.EqualTo("ab"));
        Assert.That(later.TransactionId, Is.EqualTo(_database.ListSnapshots()[0].TransactionId));
    }

    [Test]
    public void CreateSnapshot_OfItself_ThenReopened_IsCompletedByTheNextCommit()
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("a"u8, "1"u8);
            transaction.CreateSnapshot("own");
            transaction.Commit();
        }

        for (var i = 0; i < 3; i++)
        {
            Reopen();
            using var own = _database.OpenSnapshot("own");
            Assert.That(own.Main.Count, Is.EqualTo(1));
            Sample.Put(_database, [(byte)('b' + i)], "2"u8);
        }
    }

    [Test]
    public void DeletedSnapshot_CanBeReadOnByWhoHasIt_AndItsPagesAreReusedAfterwards()
    {
        Sample.Fill(_database, 0, 2000);
        _database.CreateSnapshot("kept");
        Overwrite(5);
        var held = _database.GetStatistics().PendingPages;
        using (var snapshot = _database.OpenSnapshot("kept"))
        {
            Assert.That(_database.DeleteSnapshot("kept"), Is.True);
            Assert.That(_database.DeleteSnapshot("kept"), Is.False);
            Assert.That(() => _database.OpenSnapshot("kept"), Throws.TypeOf<SnapshotNotFoundException>());
            Overwrite(5);
            AssertHolds(snapshot, 2000, 20);
        }

        Overwrite(3);
        Assert.That(held, Is.GreaterThan(50));
        Assert.That(_database.GetStatistics().PendingPages, Is.LessThan(20));
        Assert.That(_database.ListSnapshots(), Is.Empty);
    }

    [Test]
    public void Names_AreRefused_WhenTakenOrAbsentOrForeign()
    {
        _database.CreateSnapshot("a");
        using var other = Database.OpenInMemory();
        using var foreign = other.OpenSnapshot();
        var gone = _database.OpenSnapshot();
        gone.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => _database.CreateSnapshot("a"), Throws.TypeOf<SnapshotExistsException>());
            Assert.That(() => _database.CreateSnapshot(""), Throws.ArgumentException);
            Assert.That(() => _database.CreateSnapshot("\ud800"), Throws.ArgumentException);
            Assert.That(() => _database.CreateSnapshot(new string('x', 5000)), Throws.TypeOf<KeyTooLongException>());
            Assert.That(() => _database.CreateSnapshot("b", foreign), Throws.ArgumentException);
            Assert.That(() => _database.CreateSnapshot("b", gone), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => _database.RenameSnapshot("x", "y"), Throws.TypeOf<SnapshotNotFoundException>());
            Assert.That(() => _database.RenameSnapshot("a", "a"), Throws.Nothing);
        });
        Assert.That(Names(), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void Names_MayBeAsLongAsKeys()
    {
        var name = new string('x', _database.MaxKeyLength);
        Sample.Put(_database, "a"u8, "1"u8);
        _database.CreateSnapshot(name);
        Reopen();
        Assert.That(Names(), Is.EqualTo(new[] { name }));
        Assert.That(_database.MeasureSnapshots().Single().Snapshot.Name, Is.EqualTo(name));
        Assert.That(_database.Check().IsOk, Is.True);
        Assert.That(() => _database.CreateSnapshot(name + "x"), Throws.TypeOf<KeyTooLongException>());
    }

    [Test]
    public void FullDisk_WhileAStateNamesItself_IsTriedAgain_OrChangesNothing([Values] bool isFullForEver)
    {
        using var storage = new FaultStorage();
        using var database = Database.Open(storage, Sample.Options(Sample.TinyPage));
        var writes = 0;
        for (var i = 0; i < 5 && !isFullForEver; i++)
        {
            // Leaves pages to be had.
            Sample.Put(database, Sample.Key(1), Sample.Bytes(1000, i), CommitMode.Deferred);
        }

        NameOwn("own 1", 1, CommitMode.Deferred);
        storage.BeforeWrite = offset =>
        {
            if (offset >= 3 * 4096 && (writes++ == 0 || isFullForEver))
            {
                throw FaultStorage.Full;
            }
        };
        if (isFullForEver)
        {
            Assert.That(() => NameOwn("own 2", 2), Throws.TypeOf<DatabaseFullException>());
            storage.BeforeWrite = null;
        }

        NameOwn("own 2", 2);
        Assert.That(writes, Is.GreaterThan(isFullForEver ? 0 : 1));
        Sample.Put(database, "later"u8, "1"u8);
        for (var i = 1; i <= 2; i++)
        {
            using var own = database.OpenSnapshot($"own {i}");
            Assert.That(own.Main.Count, Is.EqualTo(i));
        }

        Assert.That(database.Check().IsOk, Is.True);

        void NameOwn(string name, int number, CommitMode mode = CommitMode.Durable)
        {
            using var transaction = database.BeginWrite();
            transaction.Main.Put(Sample.Key(number), "1"u8);
            transaction.CreateSnapshot(name);
            transaction.Commit(mode);
        }
    }

    [Test]
    public void MeasureSnapshots_OfAFileWhoseMetaHasGone_TellsThat()
    {
        using var storage = new FaultStorage();
        using var database = Database.Open(storage, Sample.Options(Sample.TinyPage));
        database.CreateSnapshot("a");
        using (var file = storage.OpenFile(writable: true))
        {
            file.Write(4096, new byte[2 * 4096]);
        }

        Assert.That(() => database.MeasureSnapshots(), Throws.TypeOf<DatabaseCorruptException>());
    }

    [Test]
    public void DisposedSnapshot_ThatSomebodyStillReads_CannotBeNamed()
    {
        var snapshot = _database.OpenSnapshot();
        using var read = snapshot.BeginRead();
        snapshot.Dispose();
        Assert.That(() => _database.CreateSnapshot("a", snapshot), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _database.CreateConsumer("a", snapshot), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void TheTreeOfNames_IsWrittenByTheEngineOnly()
    {
        _database.CreateSnapshot("a");
        var names = _database.GetTree("engine:snapshots");
        using var transaction = _database.BeginWrite();
        Assert.Multiple(() =>
        {
            Assert.That(() => transaction[names].Put("x"u8, "y"u8), Throws.InvalidOperationException);
            Assert.That(() => transaction.DropTree(names), Throws.InvalidOperationException);
            Assert.That(() => transaction.CreateTree("engine:snapshots"), Throws.InvalidOperationException);
            Assert.That(
                () => transaction.RenameTree(names, "mine"), Throws.InvalidOperationException);
        });
        transaction.Main.Put("x"u8, "y"u8);
        transaction.Commit();
        Assert.That(Names(), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void Savepoints_UndoNames()
    {
        _database.CreateSnapshot("old");
        using (var transaction = _database.BeginWrite())
        {
            var savepoint = transaction.Savepoint();
            transaction.CreateSnapshot("new");
            transaction.DeleteSnapshot("old");
            transaction.RollBackTo(savepoint);
            transaction.RenameSnapshot("old", "renamed");
            transaction.Commit();
        }

        Assert.That(Names(), Is.EqualTo(new[] { "renamed" }));
        using (var transaction = _database.BeginWrite())
        {
            transaction.CreateSnapshot("aborted");
            transaction.DeleteSnapshot("renamed");
        }

        Assert.That(Names(), Is.EqualTo(new[] { "renamed" }));
        Reopen();
        Assert.That(Names(), Is.EqualTo(new[] { "renamed" }));
        Assert.That(_database.Check().IsOk, Is.True);
    }

    [Test]
    public void ThousandSnapshots_OfOneStateAndOfMany_AreKeptAndGo()
    {
        Sample.Fill(_database, 0, 1000);
        for (var i = 0; i < 200; i++)
        {
            using var transaction = _database.BeginWrite();
            transaction.Main.Put(Sample.Key(i), Sample.Bytes(7, i));
            for (var k = 0; k < 5; k++)
            {
                transaction.CreateSnapshot($"{i}/{k}");
            }

            transaction.Commit(CommitMode.Deferred);
        }

        Reopen();
        Assert.That(_database.ListSnapshots(), Has.Count.EqualTo(1000));
        using (var snapshot = _database.OpenSnapshot("99/3"))
        {
            Assert.That(snapshot.Main.Get(Sample.Key(99)), Is.EqualTo(Sample.Bytes(7, 99)));
            Assert.That(snapshot.Main.Get(Sample.Key(100)), Is.EqualTo(Sample.Bytes(20, 100)));
        }

        using (var transaction = _database.BeginWrite())
        {
            foreach (var name in Names())
            {
                transaction.DeleteSnapshot(name);
            }

            transaction.Commit();
        }

        Overwrite(4, 1000);
        Reopen();
        Overwrite(4, 1000);
        Assert.That(_database.GetStatistics().PendingPages, Is.LessThan(20));
        Assert.That(_database.Check().IsOk, Is.True);
    }

    [Test]
    public async Task ManyWriters_ThatNameTheirOwnStates_FindExactlyThoseInThem()
    {
        var tasks = Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                var name = $"{writer}/{i}";
                var count = await _database.WriteAsync(transaction =>
                {
                    transaction.Main.Put(System.Text.Encoding.UTF8.GetBytes(name), [1]);
                    if (i % 4 == 0)
                    {
                        transaction.CreateSnapshot(name);
                    }

                    return transaction.Main.Count;
                });
                if (i % 4 == 0)
                {
                    using var snapshot = _database.OpenSnapshot(name);
                    Assert.That(snapshot.Main.Count, Is.EqualTo(count), name);
                }
            }
        }));
        await Task.WhenAll(tasks);
        Reopen();
        Assert.That(_database.ListSnapshots(), Has.Count.EqualTo(80));
        Assert.That(_database.Check().IsOk, Is.True);
    }

    [Test]
    public void ReadOnlyProcess_OpensNamedSnapshots()
    {
        Sample.Fill(_database, 0, 300);
        _database.CreateSnapshot("a");
        Sample.Fill(_database, 0, 300, valueLength: 2);
        using var reader = Database.Open(Path, new DatabaseOptions { ReadOnly = true });
        using (var snapshot = reader.OpenSnapshot("a"))
        {
            _database.DeleteSnapshot("a");
            for (var i = 0; i < 10; i++)
            {
                Sample.Fill(_database, 0, 300, valueLength: i);
            }

            AssertHolds(snapshot, 300, 20);
        }

        Assert.That(() => reader.OpenSnapshot("a"), Throws.TypeOf<SnapshotNotFoundException>());
        Assert.That(() => reader.CreateSnapshot("b"), Throws.InvalidOperationException);
    }

    private static void AssertHolds(Snapshot snapshot, int count, int valueLength)
    {
        var entries = snapshot.Main.All().ToList();
        Assert.That(entries, Has.Count.EqualTo(count));
        for (var i = 0; i < count; i++)
        {
            Assert.That(snapshot.Main.Get(Sample.Key(i)), Is.EqualTo(Sample.Bytes(valueLength, i)));
        }
    }

    private void Overwrite(int times, int count = 2000)
    {
        for (var i = 0; i < times; i++)
        {
            Sample.Fill(_database, 0, count, valueLength: 30 + i);
        }
    }

    private string[] Names() => [.. _database.ListSnapshots().Select(static snapshot => snapshot.Name)];

    private void Reopen()
    {
        _database.Dispose();
        _database = Database.Open(Path, Sample.Options(Sample.TinyPage));
    }
}
