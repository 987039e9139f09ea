using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Which trees changed between two states.</summary>
public class ChangedTreesTests
{
    private Database _database = null!;

    [SetUp]
    public void Open()
    {
        _database = Sample.InMemory();
        Write(transaction =>
        {
            foreach (var name in new[] { "changed", "dropped", "left", "moved", "remade", "renamed" })
            {
                transaction[transaction.CreateTree(name)].Put("k"u8, "v"u8);
            }

            transaction.Main.Put("k"u8, "v"u8);
        });
    }

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void ChangedTrees_AreThoseThatDiffer_KnownByMoreThanTheirNames()
    {
        using var older = _database.OpenSnapshot();
        Write(transaction =>
        {
            transaction.Main.Put("k"u8, "w"u8);
            transaction[_database.GetTree("changed")].Put("k"u8, "w"u8);
            transaction.CreateTree("created");
            transaction.DropTree(_database.GetTree("dropped"));
            transaction.RenameTree(_database.GetTree("moved"), "moved and changed");
            transaction[_database.GetTree("moved and changed")].Put("l"u8, "w"u8);
            transaction.DropTree(_database.GetTree("remade"));
            transaction[transaction.CreateTree("remade")].Put("k"u8, "v"u8);
            transaction.RenameTree(_database.GetTree("renamed"), "renamed now");
            transaction.CreateMultiTree("renamed");
        });
        using var newer = _database.OpenSnapshot();

        var trees = newer.GetChangedTrees(older);

        Assert.That(
            trees.Select(tree => tree.ToString()),
            Is.EqualTo(new[]
            {
                "Changed (default tree)", "Changed changed", "Created created", "Dropped dropped",
                "Renamed moved -> moved and changed", "Dropped remade", "Created remade", "Created renamed",
                "Renamed renamed -> renamed now",
            }));
        Assert.That(
            trees.Where(tree => !tree.HasOtherEntries).Select(tree => tree.Name),
            Is.EqualTo(new[] { "created", "renamed", "renamed now" }));
        Assert.That(
            trees.Where(tree => tree.IsMultiValued).Select(tree => tree.Name), Is.EqualTo(new[] { "renamed" }));
        Assert.That(
            trees.Select(tree => string.Concat(newer.ChangesSince(older, tree).Select(Letter))),
            Is.EqualTo(new[] { "C", "C", "", "R", "A", "R", "A", "", "" }));
        Assert.That(
            older.GetChangedTrees(newer).Select(tree => tree.ToString()),
            Is.EqualTo(new[]
            {
                "Changed (default tree)", "Changed changed", "Dropped created", "Created dropped",
                "Renamed moved and changed -> moved", "Dropped remade", "Created remade", "Dropped renamed",
                "Renamed renamed now -> renamed",
            }));
        Assert.That(newer.GetChangedTrees(newer), Is.Empty);

        static string Letter(CopiedChange change) => change.Kind.ToString()[..1];
    }

    [Test]
    public void ChangedTrees_LeaveOutIndexesAndTheEnginesOwn_UnlessAskedForThem()
    {
        using var database = Sample.InMemory(4096);
        var people = database.GetTree<int, string>("people");
        people.AddIndex("people by name", static (int _, string name) => name);
        using var older = database.OpenSnapshot();
        database.Write(transaction =>
        {
            transaction.Open(transaction.CreateTree(people)).Put(1, "ada");
            transaction[database.GetSequence("ids")].Next();
        });
        using var newer = database.OpenSnapshot();

        Assert.That(newer.GetChangedTrees(older).Select(tree => tree.Name), Is.EqualTo(new[] { "people" }));
        Assert.That(
            newer.GetChangedTrees(older, includeInternal: true).Select(tree => tree.Name),
            Is.EquivalentTo(new[] { "engine:sequences", "people", "people by name" }));
    }

    [Test]
    public void ChangedTrees_AmongMany_AreFound()
    {
        Write(transaction =>
        {
            for (var i = 0; i < 1000; i++)
            {
                transaction[transaction.CreateTree($"tree {i:d4}")].Put("k"u8, "v"u8);
            }
        });
        using var older = _database.OpenSnapshot();
        Write(transaction => transaction[_database.GetTree("tree 0500")].Put("k"u8, "w"u8));
        using var newer = _database.OpenSnapshot();

        Assert.That(newer.GetChangedTrees(older).Single().ToString(), Is.EqualTo("Changed tree 0500"));
    }

    [Test]
    public void ChangedTrees_OfAWriteTransaction_AreRefused()
    {
        using var older = _database.OpenSnapshot();
        using var transaction = _database.BeginWrite();
        transaction.CreateTree("new");

        Assert.Throws<InvalidOperationException>(() => transaction.Read(older, static (read, older) =>
        {
            using var olderRead = older.BeginRead();
            return read.GetChangedTrees(olderRead).Count;
        }));
    }

    private void Write(Action<WriteTransaction> write)
    {
        using var transaction = _database.BeginWrite();
        write(transaction);
        transaction.Commit();
    }
}
