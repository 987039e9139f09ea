using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>What changed in a tree between two states.</summary>
public class TreeDifferenceTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Changes_AreAddedChangedAndRemovedEntries_InOrder_AndTheReverseTheOtherWayRound()
    {
        Write("a", "1", "c", "3", "d", "4");
        using var snapshot = _database.OpenSnapshot();
        Write("b", "2", "c", "33", "d", null);
        using var older = snapshot.BeginRead();
        using var newer = _database.BeginRead();

        Assert.That(
            Text(newer.Main.ChangesSince(older.Main)),
            Is.EqualTo(new[] { "Added b  2", "Changed c 3 33", "Removed d 4 " }));
        Assert.That(
            Text(older.Main.ChangesSince(newer.Main)),
            Is.EqualTo(new[] { "Removed b 2 ", "Changed c 33 3", "Added d  4" }));
        Assert.That(Text(newer.Main.ChangesSince(newer.Main)), Is.Empty);
    }

    [Test]
    public void Changes_AreNone_WhereTheSameIsWrittenAgain()
    {
        var large = Sample.Bytes(10_000, 1);
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("large"u8, large);
            transaction.Commit();
        }

        Sample.Fill(_database, 0, 100);
        using var snapshot = _database.OpenSnapshot();
        Sample.Fill(_database, 0, 100);
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("large"u8, Sample.Bytes(10_000, 2));
            transaction.Main.Put("large"u8, large);
            transaction.Main.Delete(Sample.Key(50));
            transaction.Main.Put(Sample.Key(50), Sample.Bytes(20, 50));
            transaction.Commit();
        }

        using var older = snapshot.BeginRead();
        using var newer = _database.BeginRead();
        Assert.That(Text(newer.Main.ChangesSince(older.Main)), Is.Empty);
    }

    [TestCase(10_000, 10_000)]
    [TestCase(10_000, 10_001)]
    [TestCase(10_000, 3)]
    [TestCase(3, 10_000)]
    [TestCase(3, 3)]
    public void Changes_OfValuesOfAnyLength_HaveBothValues(int oldLength, int newLength)
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("k"u8, Sample.Bytes(oldLength, 1));
            transaction.Commit();
        }

        using var snapshot = _database.OpenSnapshot();
        using (var transaction = _database.BeginWrite())
        {
            transaction.Main.Put("k"u8, Sample.Bytes(newLength, 2));
            transaction.Commit();
        }

        using var older = snapshot.BeginRead();
        using var newer = _database.BeginRead();
        var changes = newer.Main.ChangesSince(older.Main).GetEnumerator();
        Assert.That(changes.MoveNext());
        Sample.AssertBytes(changes.Current.OldValue, Sample.Bytes(oldLength, 1));
        Sample.AssertBytes(changes.Current.NewValue, Sample.Bytes(newLength, 2));
        Assert.That(changes.MoveNext(), Is.False);
        Assert.That(changes.MoveNext(), Is.False, "and again");
    }

    [Test]
    public void Bounds_NarrowEachOther()
    {
        using var snapshot = _database.OpenSnapshot();
        Write("", "0", "a", "1", "ab", "2", "ac", "3", "b", "4");
        using var older = snapshot.BeginRead();
        using var newer = _database.BeginRead();
        var changes = newer.Main.ChangesSince(older.Main);

        Assert.That(Keys(changes), Is.EqualTo(",a,ab,ac,b"));
        Assert.That(Keys(changes.Prefix("a"u8)), Is.EqualTo("a,ab,ac"));
        Assert.That(Keys(changes.Prefix(""u8)), Is.EqualTo(",a,ab,ac,b"));
        Assert.That(Keys(changes.Prefix([255])), Is.Empty);
        Assert.That(Keys(changes.Range("a"u8, "ac"u8)), Is.EqualTo("a,ab"));
        Assert.That(Keys(changes.From("ab"u8)), Is.EqualTo("ab,ac,b"));
        Assert.That(Keys(changes.After("ab"u8)), Is.EqualTo("ac,b"));
        Assert.That(Keys(changes.After("ab"u8).From("ab"u8)), Is.EqualTo("ac,b"));
        Assert.That(Keys(changes.After(""u8)), Is.EqualTo("a,ab,ac,b"));
        Assert.That(Keys(changes.Before("b"u8).Before("c"u8).After("a"u8).From("0"u8)), Is.EqualTo("ab,ac"));
        Assert.That(Keys(changes.Before(""u8)), Is.Empty);
        Assert.That(Keys(changes.Prefix("a"u8).Prefix("ab"u8)), Is.EqualTo("ab"));
    }

    [Test]
    public void ATreeThatIsMissing_CountsAsEmpty()
    {
        var tree = _database.GetTree("t");
        using var before = _database.OpenSnapshot();
        using (var transaction = _database.BeginWrite())
        {
            transaction[transaction.CreateTree("t")].Put("k"u8, "v"u8);
            transaction.Commit();
        }

        using var older = before.BeginRead();
        using var newer = _database.BeginRead();
        Assert.That(Text(newer.ChangesSince(older, tree)), Is.EqualTo(new[] { "Added k  v" }));
        Assert.That(Text(older.ChangesSince(newer, tree)), Is.EqualTo(new[] { "Removed k v " }));
        Assert.That(Text(older.ChangesSince(older, tree)), Is.Empty);
    }

    [Test]
    public void ChangesOfAWriteTransaction_AreSeenBeforeItCommits()
    {
        Sample.Fill(_database, 0, 100);
        using var snapshot = _database.OpenSnapshot();
        using var transaction = _database.BeginWrite();
        transaction.Main.Put(Sample.Key(7), "new"u8);
        transaction.Main.Put(Sample.Key(8), Sample.Bytes(9000, 8));
        transaction.Main.DeleteRange(Sample.Key(50), Sample.Key(60));

        var counts = transaction.Read(snapshot, static (read, snapshot) =>
        {
            using var older = snapshot.BeginRead();
            var changes = read.Main.ChangesSince(older.Main).GetEnumerator();
            var (changed, removed) = (0, 0);
            while (changes.MoveNext())
            {
                changed += changes.Current.Kind == ChangeKind.Changed ? 1 : 0;
                removed += changes.Current.Kind == ChangeKind.Removed ? 1 : 0;
            }

            return (changed, removed);
        });

        Assert.That(counts, Is.EqualTo((2, 10)));
    }

    [Test]
    public void StatesOfTwoDatabases_AreRefused()
    {
        using var other = Sample.InMemory();
        using var read = _database.BeginRead();
        using var foreign = other.BeginRead();
        using var snapshot = _database.OpenSnapshot();
        using var foreignSnapshot = other.OpenSnapshot();
        try
        {
            _ = read.Main.ChangesSince(foreign.Main);
            Assert.Fail("accepted");
        }
        catch (ArgumentException e)
        {
            Assert.That(e.ParamName, Is.EqualTo("older"));
        }

        Assert.Throws<ArgumentException>(() => snapshot.GetChangedTrees(foreignSnapshot));
        Assert.Throws<ArgumentException>(() => snapshot.Main.ChangesSince(foreignSnapshot));
    }

    [Test]
    public void Changes_AfterATransactionHasEnded_AreRefused([Values] bool isOlder)
    {
        Write("a", "1");
        using var snapshot = _database.OpenSnapshot();
        Write("a", "2", "b", "3");
        using var older = snapshot.BeginRead();
        using var newer = _database.BeginRead();
        var changes = newer.Main.ChangesSince(older.Main).GetEnumerator();
        Assert.That(changes.MoveNext());
#pragma warning disable ENGINE001 // That is what is tried.
        if (isOlder)
        {
            older.Dispose();
        }
        else
        {
            newer.Dispose();
        }
#pragma warning restore ENGINE001

        try
        {
            _ = changes.Current;
            Assert.Fail("the change is given");
        }
        catch (ObjectDisposedException)
        {
        }

        try
        {
            changes.MoveNext();
            Assert.Fail("the walk goes on");
        }
        catch (ObjectDisposedException)
        {
        }
    }

    [Test]
    public void CurrentChange_WithoutAMove_IsRefused()
    {
        using var read = _database.BeginRead();
        var changes = read.Main.ChangesSince(read.Main).GetEnumerator();
        try
        {
            _ = changes.Current;
            Assert.Fail("the change is given");
        }
        catch (InvalidOperationException)
        {
        }
    }

    [Test]
    public void SnapshotChanges_AreCopies_ReadInPieces()
    {
        Sample.Fill(_database, 0, 300);
        using var older = _database.OpenSnapshot();
        Sample.Fill(_database, 200, 500, valueLength: 3);
        using var newer = _database.OpenSnapshot();

        var changes = newer.Main.ChangesSince(older).ToList();

        Assert.That(changes.Select(change => change.Key), Is.EqualTo(Enumerable.Range(200, 300).Select(Sample.Key)));
        Assert.That(changes.Count(change => change.Kind == ChangeKind.Changed), Is.EqualTo(100));
        Assert.That(changes[0].OldValue, Is.EqualTo(Sample.Bytes(20, 200)));
        Assert.That(changes[^1], Has.Property("OldValue").Null.And.Property("NewValue").EqualTo(Sample.Bytes(3, 499)));
        Assert.That(older.Main.ChangesSince(newer).Last().NewValue, Is.Null);
    }

    [Test]
    public void TypedChanges_AreDecoded()
    {
        var tree = _database.GetTree<string, int>("scores");
        _database.Write(transaction => transaction.Open(transaction.CreateTree(tree)).Put("ada", 1));
        using var snapshot = _database.OpenSnapshot();
        _database.Write(transaction =>
        {
            transaction.Open(tree).Put("ada", 2);
            transaction.Open(tree).Put("bob", 3);
        });
        using var older = snapshot.BeginRead();
        using var newer = _database.BeginRead();

        var found = new List<(ChangeKind, string, int, int)>();
        foreach (var change in newer.ChangesSince(older, tree))
        {
            found.Add((change.Kind, change.Key, change.OldValue, change.NewValue));
        }

        Assert.That(found, Is.EqualTo(new[] { (ChangeKind.Changed, "ada", 1, 2), (ChangeKind.Added, "bob", 0, 3) }));
        Assert.That(Count(newer.Open(tree).ChangesSince(older.Open(tree)).Range("b", "c")), Is.EqualTo(1));
        Assert.That(Count(newer.Open(tree).ChangesSince(older.Open(tree)).After("ada")), Is.EqualTo(1));
    }

    private static int Count(TreeDifference<string, int> changes)
    {
        var count = 0;
        foreach (var change in changes)
        {
            count += change.Untyped.Key.Length > 0 ? 1 : 0;
        }

        return count;
    }

    private static List<string> Text(TreeDifference difference)
    {
        var lines = new List<string>();
        foreach (var change in difference)
        {
            lines.Add(
                $"{change.Kind} {Encoding.UTF8.GetString(change.Key)} {Encoding.UTF8.GetString(change.OldValue)} "
                + $"{Encoding.UTF8.GetString(change.NewValue)}");
        }

        return lines;
    }

    private static string Keys(TreeDifference difference)
    {
        var keys = new List<string>();
        foreach (var change in difference)
        {
            keys.Add(Encoding.UTF8.GetString(change.Key));
        }

        return string.Join(",", keys);
    }

    private void Write(params string?[] keysAndValues)
    {
        using var transaction = _database.BeginWrite();
        foreach (var pair in keysAndValues.Chunk(2))
        {
            var key = Encoding.UTF8.GetBytes(pair[0]!);
            if (pair[1] is { } value)
            {
                transaction.Main.Put(key, Encoding.UTF8.GetBytes(value));
            }
            else
            {
                transaction.Main.Delete(key);
            }
        }

        transaction.Commit();
    }
}
