using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// Forms that say the same with less: names instead of handles, callbacks without a state, whole sequences.
/// </summary>
public class ShorthandTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Database.OpenInMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Trees_AreManagedByTheirNames()
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction[transaction.CreateTree("a")].Put("k"u8, "v"u8);
            Assert.That(transaction.RenameTree("a", "b"), Is.EqualTo(_database.GetTree("b")));
            Assert.That((transaction.TreeExists("a"), transaction.TreeExists("b")), Is.EqualTo((false, true)));
            Assert.That(transaction.TryDropTree("a"), Is.False);
            Assert.Throws<TreeNotFoundException>(() => transaction.DropTree("a"));
            transaction.CreateTree("c");
            transaction.DropTree("c");
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        using var snapshot = _database.OpenSnapshot();
        Assert.That((read.TreeExists("b"), read.TreeExists("c")), Is.EqualTo((true, false)));
        Assert.That((snapshot.TreeExists("b"), snapshot.TreeExists("c")), Is.EqualTo((true, false)));
        Assert.That(snapshot[_database.GetTree("b")].Get("k"u8), Is.EqualTo("v"u8.ToArray()));
    }

    [Test]
    public async Task Callbacks_NeedNoState()
    {
        _database.Write(transaction => transaction.Main.Put("a"u8, "1"u8));
        Assert.That(_database.Write(transaction => transaction.Main.TryAdd("a"u8, "2"u8)), Is.False);
        var count = await _database.WriteAsync((transaction, _) =>
        {
            transaction.Main.Put("b"u8, "2"u8);
            return ValueTask.FromResult(transaction.Main.Count);
        });
        Assert.That(count, Is.EqualTo(2));
        Assert.That(_database.Read(read => read.Main.Count), Is.EqualTo(2));
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("c"u8, "3"u8);
        Assert.That(transaction.Read(read => read.Main.Count), Is.EqualTo(3));
    }

    [Test]
    public void Write_OfWhatThrows_ChangesNothing()
    {
        Assert.Throws<NotSupportedException>(() => _database.Write(transaction =>
        {
            transaction.Main.Put("a"u8, "1"u8);
            Throw();
        }));
        Assert.Throws<ArgumentException>(() => _database.Write(async transaction =>
        {
            transaction.Main.Put("a"u8, "1"u8);
            await Task.Yield();
        }));
        Assert.That(_database.Read(read => read.Main.Count), Is.Zero);
    }

    [Test]
    public void Load_OfASequence_IsABulkLoad([Values] bool isSorted)
    {
        var entries = Enumerable.Range(0, 5000)
            .Select(i => Sample.Key(isSorted ? i : i * 7919 % 5000))
            .Select(key => KeyValuePair.Create(key, key));
        using var transaction = _database.BeginWrite();
        Assert.That(transaction.Main.Load(entries), Is.EqualTo(5000));
        Assert.That(transaction.Main.Count, Is.EqualTo(5000));
        transaction.Commit();
        using var snapshot = _database.OpenSnapshot();
        Assert.That(
            snapshot.Main.All().Select(entry => entry.Value),
            Is.EqualTo(Enumerable.Range(0, 5000).Select(Sample.Key)));
        Assert.That(snapshot.Main.Count, Is.EqualTo(5000));
    }

    [Test]
    public void Load_OfASequenceThatThrows_CanOnlyBeAborted()
    {
        using var transaction = _database.BeginWrite();
        Assert.Throws<NotSupportedException>(() => transaction.Main.Load(Entries()));
        Assert.Throws<InvalidOperationException>(() => transaction.Commit());

        static IEnumerable<KeyValuePair<byte[], byte[]>> Entries()
        {
            yield return KeyValuePair.Create(Sample.Key(1), Sample.Key(1));
            Throw();
        }
    }

    [Test]
    public void DefaultSnapshotTree_SaysWhereToGetOne()
    {
        var tree = default(SnapshotTree);
        Assert.That(() => tree.Count, Throws.InvalidOperationException.With.Message.Contains("snapshot.Main"));
        Assert.That(() => tree.Get("a"u8), Throws.InvalidOperationException);
        using var snapshot = _database.OpenSnapshot();
        Assert.That(snapshot.Main, Is.EqualTo(snapshot[_database.Main]));
        Assert.That(snapshot.Main == tree, Is.False);
        Assert.That(snapshot.Main.Tree, Is.EqualTo(_database.Main));
    }

    private static void Throw() => throw new NotSupportedException();
}
