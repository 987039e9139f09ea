using System.Diagnostics;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Observability;

/// <summary>A database tells who reads it, for how long, and what that costs.</summary>
public class GetReadersTests
{
    private long _now = 1_000_000;
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = OpenInMemory(tracks: false);

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void GetReaders_WhenNobodyReads_IsEmpty()
    {
        Assert.That(_database.GetReaders(), Is.Empty);
        Assert.That(_database.FindLargestHolder(), Is.Null);
        Assert.That(Database.MaxReaders, Is.EqualTo(4096));
    }

    [Test]
    public void GetReaders_OfAClosedDatabase_Throws()
    {
        _database.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _database.GetReaders());
    }

    [Test]
    public void GetReaders_TellsKindTagAndAge_TheOldestFirst()
    {
        Sample.Put(_database, "a"u8, "1"u8);
        using var snapshot = _database.OpenSnapshot();
        snapshot.Tag = "report";
        _now += 10_000;
        Sample.Put(_database, "a"u8, "2"u8);
        _now += 5_000;
        Sample.Put(_database, "a"u8, "3"u8);
        using var read = _database.BeginRead("export");
        using var ofSnapshot = snapshot.BeginRead();

        var readers = _database.GetReaders();

        Assert.That(readers, Has.Count.EqualTo(2), "what reads a snapshot shares its pin");
        Assert.That(readers[0], Has.Property("Kind").EqualTo(TransactionKind.Snapshot)
            .And.Property("Tag").EqualTo("report")
            .And.Property("TransactionId").EqualTo(snapshot.TransactionId)
            .And.Property("AgeInTransactions").EqualTo(2)
            .And.Property("OutdatedFor").EqualTo(TimeSpan.FromSeconds(5))
            .And.Property("IsOwn").True
            .And.Property("IsAlive").True
            .And.Property("ProcessId").EqualTo(Environment.ProcessId)
            .And.Property("Age").Null
            .And.Property("OpenedAt").Null);
        Assert.That(readers[1], Has.Property("Kind").EqualTo(TransactionKind.Read)
            .And.Property("Tag").EqualTo("export")
            .And.Property("TransactionId").EqualTo(read.TransactionId)
            .And.Property("AgeInTransactions").EqualTo(0)
            .And.Property("OutdatedFor").EqualTo(TimeSpan.Zero)
            .And.Property("PagesAlone").EqualTo(0));
    }

    [Test]
    public void Tag_OfAReadTransactionThatEnded_IsNotThatOfTheNextInItsSlot()
    {
        using (_database.BeginRead("export"))
        {
        }

        using var read = _database.BeginRead();

        Assert.That(_database.GetReaders().Single().Tag, Is.Null);
    }

    [Test]
    public void Tag_OfANamedSnapshot_IsItsName()
    {
        _database.CreateSnapshot("before");
        using var snapshot = _database.OpenSnapshot("before");

        Assert.That(snapshot.Tag, Is.EqualTo("before"));
        Assert.That(_database.GetReaders().Single().Tag, Is.EqualTo("before"));
    }

    [Test]
    public void GetReaders_WithTracking_TellsWhereEachWasOpened_InWhichActivity_AndHowLongAgo()
    {
        using var database = OpenInMemory(tracks: true);
        using var activity = new Activity("job").Start();
        using var snapshot = OpenHere(database);
        activity.Stop();
        _now += 7_000;
        using var read = database.BeginRead();

        var readers = database.GetReaders();

        var opened = readers.Single(reader => reader.Kind == TransactionKind.Snapshot);
        Assert.That(opened.OpenedAt, Does.Contain($"{nameof(GetReadersTests)}.{nameof(OpenHere)}"));
        Assert.That(opened.ActivityId, Is.EqualTo(activity.Id));
        Assert.That(opened.Age, Is.EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That(opened.ToString(), Does.Contain(nameof(OpenHere)).And.Contain(activity.Id));
        var begun = readers.Single(reader => reader.Kind == TransactionKind.Read);
        Assert.That(begun.OpenedAt, Does.Contain(
            nameof(GetReaders_WithTracking_TellsWhereEachWasOpened_InWhichActivity_AndHowLongAgo)));
        Assert.That(begun.ActivityId, Is.Null);
        Assert.That(begun.Age, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task OpenedAt_OfAnAsyncMethod_IsItsName()
    {
        await using var database = OpenInMemory(tracks: true);
        await using var snapshot = await OpenLater(database);

        Assert.That(
            database.GetReaders().Single().OpenedAt, Does.StartWith($"{GetType().FullName}.{nameof(OpenLater)}"));
    }

    [Test]
    public void FindLargestHolder_NamesTheOneThatKeepsTheMost()
    {
        Sample.Fill(_database, 0, 2000, valueLength: 100);
        using var oldest = _database.OpenSnapshot();
        oldest.Tag = "the oldest";
        Sample.Fill(_database, 0, 1000, valueLength: 21);
        using var newer = _database.OpenSnapshot();
        newer.Tag = "the newer";
        Sample.Fill(_database, 1000, 1500, valueLength: 22);
        using var newest = _database.OpenSnapshot();

        var pages = _database.GetReaders()
            .Select(static reader => (Pages: reader.Pages!.Value, Alone: reader.PagesAlone!.Value))
            .ToList();
        Assert.That(pages[2], Is.EqualTo((0L, 0L)));
        Assert.That(pages[1].Alone, Is.GreaterThan(0));
        Assert.That(pages[0].Pages, Is.GreaterThan(pages[1].Pages));
        Assert.That(
            pages[0].Pages - pages[0].Alone,
            Is.EqualTo(pages[1].Pages - pages[1].Alone).And.GreaterThan(0),
            "what is not kept alone is kept by both");
        Assert.That(_database.FindLargestHolder()!.Tag, Is.EqualTo("the oldest"));
        Assert.That(
            _database.GetStatistics().PendingPages,
            Is.EqualTo(pages[0].Pages + pages[1].Alone),
            "nothing else waits");
    }

    [Test]
    public void PagesAlone_IsWhatTheEndOfTheSnapshotGivesFree()
    {
        Sample.Fill(_database, 0, 2000);
        var snapshot = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 2000, valueLength: 22);
        var alone = _database.GetReaders().Single().PagesAlone;
        var before = _database.GetStatistics().PendingPages;

        snapshot.Dispose();
        Sample.Put(_database, "zz"u8, "1"u8);

        Assert.That(alone, Is.GreaterThan(10));
        Assert.That(before - _database.GetStatistics().PendingPages, Is.EqualTo(alone).Within(3));
    }

    [Test]
    public void PagesAlone_OfReadersOfOneState_AreToldOfEach_AndOfAStateThatHasAName_AreToldAsWell()
    {
        Sample.Fill(_database, 0, 2000);
        using var one = _database.OpenSnapshot();
        using var other = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 2000, valueLength: 30);

        var pages = _database.GetReaders().Select(reader => reader.PagesAlone).ToList();

        Assert.That(pages, Has.Count.EqualTo(2));
        Assert.That(pages[0], Is.GreaterThan(0));
        Assert.That(pages[1], Is.EqualTo(pages[0]));
    }

    [Test]
    public void PagesAlone_WhileATransactionIsOpen_IsThatOfTheNextCommit()
    {
        Sample.Fill(_database, 0, 2000);
        using var snapshot = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 2000, valueLength: 30);
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("zz"u8, "1"u8);
            Assert.That(_database.GetReaders().Single().PagesAlone, Is.Null, "nobody has asked before");
            transaction.Commit();
        }

        using (var transaction = _database.BeginWrite())
        {
            Assert.That(_database.GetReaders().Single().PagesAlone, Is.GreaterThan(0));
        }
    }

    [Test]
    public void GetReaders_OfAFile_TellsThoseOfOtherObjects_WithoutWhatTheyKnowAlone()
    {
        using var directory = new TempDirectory();
        var path = directory.DatabasePath;
        using var writer = Database.Open(path);
        Sample.Fill(writer, 0, 100);
        using var reader = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        using var read = reader.BeginRead("elsewhere");
        Sample.Put(writer, "a"u8, "1"u8);

        Assert.That(writer.GetReaders().Single(), Has.Property("IsOwn").False
            .And.Property("ProcessId").EqualTo(Environment.ProcessId)
            .And.Property("IsAlive").True
            .And.Property("Kind").Null
            .And.Property("Tag").Null
            .And.Property("AgeInTransactions").EqualTo(1)
            .And.Property("PagesAlone").GreaterThan(0));
        Assert.That(reader.GetReaders().Single(), Has.Property("IsOwn").True
            .And.Property("Tag").EqualTo("elsewhere")
            .And.Property("PagesAlone").Null);
    }

    private static Snapshot OpenHere(Database database) => database.OpenSnapshot();

    private static async Task<Snapshot> OpenLater(Database database)
    {
        await Task.Yield();
        return database.OpenSnapshot();
    }

    private Database OpenInMemory(bool tracks) => Database.OpenInMemory(new DatabaseOptions
    {
        FlushInterval = Timeout.InfiniteTimeSpan,
        TrackTransactions = tracks,
        Clock = () => _now,
    });
}
