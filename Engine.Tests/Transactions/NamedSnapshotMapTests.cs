using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Transactions;

/// <summary>Older states that are read through the map of a newer one: it stays as long as they are read.</summary>
public class NamedSnapshotMapTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void NamedSnapshot_OpenedThroughALaterMap_KeepsThatMap([Values] bool isReadOnly)
    {
        using var writer = Database.Open(_directory.DatabasePath);
        Sample.Put(writer, "a"u8, "1"u8);
        writer.CreateSnapshot("named");
        Grow(writer);
        using var reader = isReadOnly
            ? Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true })
            : null;
        using (var snapshot = (reader ?? writer).OpenSnapshot("named"))
        {
            var map = snapshot.State.Map;
            for (var i = 0; i < 4; i++)
            {
                Grow(writer);
                using var read = reader?.OpenSnapshot();
            }

            Assert.That(ReferenceEquals((reader ?? writer).Core.Published.Map, map), Is.False, "the file has grown");
            Assert.That(map.IsReleased, Is.False, "the snapshot's map was unmapped");
            Assert.That(snapshot.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        }
    }

    [Test]
    public void DurableState_OpenedThroughALaterMap_KeepsThatMap()
    {
        using var database = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        Sample.Put(database, "a"u8, "1"u8);
        Grow(database, CommitMode.Deferred);
        var pin = database.Core.Readers.BeginDurable();
        var map = pin.State.Map;
        for (var i = 0; i < 4; i++)
        {
            Grow(database);
        }

        Assert.That(ReferenceEquals(database.Core.Published.Map, map), Is.False, "the file has grown");
        Assert.That(map.IsReleased, Is.False, "the state's map was unmapped");
        pin.Release();
        Sample.Put(database, "b"u8, "2"u8);
        Assert.That(map.IsReleased, Is.True, "nobody looks into it any more");
    }

    [Test]
    public void DurableState_ThatMovesWhileItIsOpened_IsReadWithAMapThatHasItsPages([Values] bool isInMemory)
    {
        using var database = isInMemory ? Database.OpenInMemory() : Database.Open(_directory.DatabasePath);
        Sample.Put(database, "a"u8, "1"u8);
        var pin = database.Core.Readers.BeginDurable(new Halt(() => Grow(database), []));
        using var snapshot = new Snapshot(database, pin, token: null);
        Assert.That(snapshot.TransactionId, Is.EqualTo(database.Core.DurableId));
        Assert.That(snapshot.State.PageCount, Is.EqualTo(database.Core.Published.PageCount));
        Assert.That(snapshot.Main.All().Count(), Is.EqualTo((int)snapshot.Main.Count));
    }

    private static void Grow(Database database, CommitMode mode = CommitMode.Durable)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put(Sample.Key((int)transaction.TransactionId), new byte[4 << 20]);
        transaction.Commit(mode);
    }

    /// <summary>Halts once the newest state is pinned, the first time.</summary>
    private readonly record struct Halt(Action Meanwhile, List<bool> Halted) : IBeginPause
    {
        public void WhenChosen()
        {
        }

        public void WhenBegun()
        {
            if (Halted.Count == 0)
            {
                Halted.Add(true);
                Meanwhile();
            }
        }
    }
}
