using Engine.Storage;
using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Transactions;

/// <summary>
/// All maps of a database together take a small multiple of its size, however it grew and whoever still reads what it
/// was.
/// </summary>
[TestFixture(false)]
[TestFixture(true)]
public class AddressSpaceTests(bool isInMemory) : TransactionTest
{
    private const int Values = 1000;
    private const int ValueLength = 60_000;

    private TempDirectory _directory = null!;
    private CountingStorage _storage = null!;
    private Database _database = null!;

    [SetUp]
    public void OpenDatabase()
    {
        _directory = new TempDirectory();
        _storage = new CountingStorage(isInMemory ? new MemoryStorage() : new FileStorage(_directory.DatabasePath));
        _database = Open(_storage);
        Put(_database, "first"u8, "value"u8);
    }

    [TearDown]
    public void CloseDatabase()
    {
        _database.Dispose();
        _storage.Dispose();
        _directory.Dispose();
        Assert.That(_storage.Maps.Count, Is.Zero, "a map was never given back");
    }

    [Test]
    public void Commits_ThatGrowTheFileAThousandfold_BesideAnOldReader_KeepItsMapAndTheNewest()
    {
        using var old = _database.OpenSnapshot();
        for (var i = 0; i < Values; i++)
        {
            Put(_database, Sample.Key(i), new byte[ValueLength], CommitMode.Deferred);
        }

        Assert.That(_storage.Maps.PeakMultiple, Is.LessThan(2.5), "the former map goes when the new one is published");
        Assert.That(_storage.Maps.Count, Is.EqualTo(2));
        using var read = old.BeginRead();
        Assert.That(read.Main.Get("first"u8), Is.EqualTo("value"u8.ToArray()));
        Assert.That(read.Main.Get(Sample.Key(0)), Is.Null);
    }

    [Test]
    public void Commits_BetweenSnapshotsOfEverySize_TakeASmallMultiple()
    {
        var snapshots = new List<Snapshot>();
        for (var i = 0; i < Values; i++)
        {
            Put(_database, Sample.Key(i), new byte[ValueLength], CommitMode.Deferred);
            if (i % 10 == 0)
            {
                snapshots.Add(_database.OpenSnapshot());
            }
        }

        Assert.That(_storage.Maps.PeakMultiple, Is.LessThan(5.5), "a quarter more each time");
        snapshots.ForEach(snapshot => snapshot.Dispose());
        Put(_database, "last"u8, "value"u8);
        Assert.That(_storage.Maps.Count, Is.EqualTo(1));
    }

    [Test]
    public void Transaction_ThatGrowsTheFileAThousandfold_KeepsNoMapThatNobodyLooksInto([Values] bool aborts)
    {
        using var transaction = _database.BeginWrite();
        for (var i = 0; i < Values; i++)
        {
            // Large: written when it is put, and mapped.
            transaction.Main.Put(Sample.Key(i), new byte[300_000]);
        }

        Assert.That(_storage.Maps.PeakMultiple, Is.LessThan(2.5), "the published map, the former one and the new one");
        if (aborts)
        {
            transaction.Abort();
        }
        else
        {
            transaction.Commit();
        }

        Assert.That(_storage.Maps.Count, Is.EqualTo(aborts ? 2 : 1));
        Assert.That(Get(_database, Sample.Key(1))?.Length, Is.EqualTo(aborts ? null : 300_000));
    }

    [Test]
    public void Transaction_AfterAReaderHasEnded_GivesItsMapBackBeforeItMakesAnother()
    {
        using (_database.OpenSnapshot())
        {
            Put(_database, "large"u8, new byte[2_000_000]);
            Assert.That(_storage.Maps.Count, Is.EqualTo(2));
        }

        var maps = new List<int>();
        _storage.BeforeMap = _ => maps.Add(_storage.Maps.Count);
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("larger"u8, new byte[4_000_000]);

        Assert.That(maps, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Transaction_WithACursorInATreeThatIsNotChanged_KeepsWhatTheCursorLooksInto()
    {
        using (var before = _database.BeginWrite())
        {
            var tree = before.CreateTree("other");
            for (var i = 0; i < 100; i++)
            {
                before[tree].Put(Sample.Key(i), Bytes(100, i));
            }

            before.Commit();
        }

        using var transaction = _database.BeginWrite();
        transaction.Main.Put("large"u8, new byte[300_000]);
        var cursor = transaction[_database.GetTree("other")].OpenCursor();
        Assert.That(cursor.MoveToFirst());
        var entries = 1;
        while (cursor.MoveNext())
        {
            transaction.Main.Put(Sample.Key(entries++), new byte[300_000]);
        }

        Assert.That(entries, Is.EqualTo(100));
    }

    [Test]
    public void ReadOnlyDatabase_ThatFollowsAGrowingOneBesideAnOldSnapshot_KeepsItsMapAndTheNewest()
    {
        // What it counts is its own; the lock file, or what stands for it in memory, is shared.
        var storage = new CountingStorage(isInMemory ? new Shared(_storage) : new FileStorage(_directory.DatabasePath));
        using var reading = Database.Open(storage, new DatabaseOptions { ReadOnly = true });
        using var old = reading.OpenSnapshot();
        for (var i = 0; i < Values; i++)
        {
            Put(_database, Sample.Key(i), new byte[ValueLength], CommitMode.Deferred);
            if (i % 10 == 9)
            {
                _database.Flush();
                Assert.That(Get(reading, Sample.Key(i)), Has.Length.EqualTo(ValueLength));
            }
        }

        Assert.That(storage.Maps.PeakMultiple, Is.LessThan(2.5));
        Assert.That(storage.Maps.Count, Is.EqualTo(2));
    }

    /// <summary>Another open of a database in memory, which does not end it.</summary>
    private sealed class Shared(IStorage storage) : IStorage
    {
        public string Name => storage.Name;

        public bool Exists(out long length) => storage.Exists(out length);

        public IStorageFile OpenFile(bool writable) => storage.OpenFile(writable);

        public IStorageFile CreateTemporary() => throw new NotSupportedException();

        public void RenameTemporary() => throw new NotSupportedException();

        public void DeleteTemporary() => throw new NotSupportedException();

        public void FlushDirectory() => storage.FlushDirectory();

        public LockFile OpenLockFile(bool readOnly) => storage.OpenLockFile(readOnly);

        public void Dispose()
        {
        }
    }
}
