using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// Writing binds a tree: what a tree writer is, and what it refuses. Its operations have tests of their own among those
/// of the write transaction.
/// </summary>
public class TreeWriterTests
{
    private static readonly byte[][] Alphabet = [[], [0], [1], [0xFE], [0xFF]];

    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void DeletePrefix_DeletesWhatPrefixShows_WhateverItsLastBytes([Values] bool isNamed)
    {
        // All keys of up to three bytes of a small alphabet, with 0xFF at every place.
        var keys = Sequences().Select(Convert.ToHexString).Distinct().Select(Convert.FromHexString).ToArray();
        foreach (var prefix in keys)
        {
            using var transaction = _database.BeginWrite();
            var writer = isNamed ? transaction[transaction.CreateTree("t")] : transaction.Main;
            foreach (var key in keys)
            {
                writer.Put(key, Sample.Bytes(30, key.Length));
            }

            var doomed = keys.Where(key => key.AsSpan().StartsWith(prefix)).ToArray();
            Assert.That(writer.DeletePrefix(prefix), Is.EqualTo(doomed.Length), Convert.ToHexString(prefix));
            Assert.That(writer.Count, Is.EqualTo(keys.Length - doomed.Length));
            foreach (var key in keys)
            {
                Assert.That(writer.ContainsKey(key), Is.Not.EqualTo(key.AsSpan().StartsWith(prefix)));
            }

            Assert.That(writer.DeletePrefix(prefix), Is.Zero, "nothing is left");
        }

        static IEnumerable<byte[]> Sequences() =>
            from first in Alphabet
            from second in Alphabet
            from third in Alphabet
            select (byte[])[.. first, .. second, .. third];
    }

    [Test]
    public void DeletePrefix_OfAPrefixThatIsLongerThanAnyKey_DeletesNothing(
        [Values(65, 1024, 1025, 100_000)] int length)
    {
        using var transaction = _database.BeginWrite();
        var longest = Enumerable.Repeat((byte)0xFF, _database.MaxKeyLength).ToArray();
        transaction.Main.Put(longest, "1"u8);
        Assert.That(transaction.Main.DeletePrefix(Enumerable.Repeat((byte)0xFF, length).ToArray()), Is.Zero);
        Assert.That(transaction.Main.DeletePrefix(Sample.Bytes(length, 1)), Is.Zero);
        Assert.That(
            transaction.Main.DeletePrefix(longest), Is.EqualTo(1), "and one that is as long as a key deletes that");
    }

    [Test]
    public void DeletePrefix_OfTheEmptyPrefix_DeletesAll_AndTheTreeStays()
    {
        Sample.Fill(_database, 0, 500);
        using var transaction = _database.BeginWrite();
        var tree = transaction.CreateTree("t");
        transaction[tree].Put([], "1"u8);
        Assert.That(transaction.Main.DeletePrefix([]), Is.EqualTo(500));
        Assert.That(transaction[tree].DeletePrefix([]), Is.EqualTo(1));
        Assert.That((transaction.Main.Count, transaction.TreeExists(tree)), Is.EqualTo((0L, true)));
        transaction.Commit();
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void Main_IsTheDefaultTree_AndAWriterSeesWhatItWrote()
    {
        using var transaction = _database.BeginWrite();
        var writer = transaction.Main;
        writer.Put("a"u8, "1"u8);
        Assert.That(writer.Tree, Is.EqualTo(_database.Main));
        Assert.That(transaction[_database.Main].Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That((writer.Count, writer.GetStatistics().Entries), Is.EqualTo((1L, 1L)));
        Assert.That(writer.Clear(), Is.EqualTo(1));
        Assert.That((writer.Count, writer.GetStatistics().Depth), Is.EqualTo((0L, 0)));
    }

    [Test]
    public void Writer_OfAName_FollowsTheName_NotTheTree()
    {
        using var transaction = _database.BeginWrite();
        var old = _database.GetTree("old");
        var writer = transaction[old];
        var found = true;
        try { _ = writer.Count; } catch (TreeNotFoundException) { found = false; }
        Assert.That(found, Is.False, "binding asks for nothing");
        transaction.CreateTree("old");
        writer.Put("a"u8, "1"u8);
        transaction.RenameTree(old, "new");
        var isTold = false;
        try { writer.Put("b"u8, "2"u8); } catch (TreeNotFoundException) { isTold = true; }
        Assert.That(isTold);
        transaction.CreateTree("old");
        Assert.That(writer.Count, Is.Zero);
        Assert.That(transaction[_database.GetTree("new")].Count, Is.EqualTo(1));
    }

    [Test]
    public void DroppingAnOldName_AfterARenaming_IsAnError_AndTheTreeLivesOn()
    {
        using var transaction = _database.BeginWrite();
        var old = transaction.CreateTree("old");
        var renamed = transaction.RenameTree(old, "new");
        var error = Assert.Throws<TreeNotFoundException>(() => transaction.DropTree(old))!;
        Assert.That(error.Message, Does.Contain("old").And.Contain("RenameTree").And.Contain("TryDropTree"));
        Assert.That(
            (transaction.TryDropTree(old), transaction.TreeExists(old), transaction.TreeExists(renamed)),
            Is.EqualTo((false, false, true)));
        transaction.DropTree(renamed);
        Assert.That(transaction.TreeExists(renamed), Is.False);
        transaction.Commit();
    }

    [Test]
    public void TreeExists_SaysTheSameWhereverItIsAsked()
    {
        var tree = _database.GetTree("t");
        using var before = _database.OpenSnapshot();
        using (var transaction = _database.BeginWrite())
        {
            transaction.CreateTree("t");
            Assert.That(transaction.TreeExists(tree));
            Assert.That(transaction.Read(tree, static (read, tree) => read.TreeExists(tree)));
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        Assert.That(
            (read.TreeExists(tree), read.TreeExists(_database.Main), read.TreeExists(_database.GetTree("u"))),
            Is.EqualTo((true, true, false)));
        Assert.That((before.TreeExists(tree), before.TreeExists(_database.Main)), Is.EqualTo((false, true)));
    }

    [Test]
    public void Binding_WithAHandleOfAnotherDatabaseOrNone_IsRefused()
    {
        using var other = Sample.InMemory();
        using var transaction = _database.BeginWrite();
        Assert.Throws<ArgumentException>(() => _ = transaction[other.Main]);
        Assert.Throws<ArgumentNullException>(() => _ = transaction[(Tree)null!]);
    }

    [Test]
    public void DefaultWriter_RefusesEverything()
    {
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).Put("a"u8, "1"u8));
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).Put("a"u8, 1, 0, static (_, _) => { }));
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).TryAdd("a"u8, "1"u8));
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).Delete("a"u8));
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).DeletePrefix("a"u8));
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).Clear());
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).Get("a"u8));
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).OpenCursor());
        Assert.Throws<InvalidOperationException>(() => default(TreeWriter).BeginLoad());
        Assert.Throws<InvalidOperationException>(() => _ = default(TreeWriter).Count);
        Assert.Throws<InvalidOperationException>(() => _ = default(TreeWriter).Tree);
    }

    [Test]
    public void BindingAndOverwriting_AllocatesNothing()
    {
        Sample.Fill(_database, 0, 200);
        using var transaction = _database.BeginWrite();
        var tree = transaction.CreateTree("t");
        long Work()
        {
            long sum = 0;
            Span<byte> buffer = stackalloc byte[20];
            for (byte i = 0; i < 200; i++)
            {
                ReadOnlySpan<byte> key = [0, 0, 0, i];
                transaction.Main.Put(key, buffer);
                transaction[tree].Put(key, buffer);
                sum += (int)transaction.Main.TryGet(key, buffer, out var length) + length
                    + (transaction[tree].ContainsKey(key) ? 1 : 0);
            }

            return sum + transaction[tree].Count;
        }

        Work();
        Work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Work();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }
}
