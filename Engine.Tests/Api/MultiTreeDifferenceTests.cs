using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>What changed in a multi-valued tree between two states.</summary>
public class MultiTreeDifferenceTests
{
    private Database _database = null!;
    private Snapshot _snapshot = null!;

    [SetUp]
    public void Open()
    {
        _database = Sample.InMemory();
        using var transaction = _database.BeginWrite();
        var tags = transaction[transaction.CreateMultiTree("tags")];
        tags.Add("a"u8, "1"u8);
        tags.Add("a"u8, "2"u8);
        tags.Add("a\0b"u8, "1"u8);
        tags.Add("b"u8, "1"u8);
        transaction.Commit();
        _snapshot = _database.OpenSnapshot();
    }

    [TearDown]
    public void Close()
    {
        _snapshot.Dispose();
        _database.Dispose();
    }

    [Test]
    public void Changes_ArePairs()
    {
        var tree = Change();
        using var older = _snapshot.BeginRead();
        using var newer = _database.BeginRead();
        var changes = newer[tree].ChangesSince(older[tree]);

        Assert.That(Text(changes), Is.EqualTo("-a 1,+a 3,-a\0b 1,+a\0b 2,+c 1"));
        Assert.That(Text(changes.From("a\0b"u8)), Is.EqualTo("-a\0b 1,+a\0b 2,+c 1"));
        Assert.That(Text(changes.After("a"u8, "1"u8).Before("b"u8)), Is.EqualTo("+a 3,-a\0b 1,+a\0b 2"));
        Assert.That(Text(changes.Prefix("a\0"u8)), Is.EqualTo("-a\0b 1,+a\0b 2"));
        Assert.That(Text(changes.Range("b"u8, "d"u8)), Is.EqualTo("+c 1"));
    }

    [Test]
    public void Changes_OfASnapshot_AreCopies()
    {
        var tree = Change();
        using var now = _database.OpenSnapshot();

        Assert.That(
            now[tree].ChangesSince(_snapshot).Select(change => (change.Kind, change.Value[0])),
            Is.EqualTo(new[]
            {
                (ChangeKind.Removed, (byte)'1'), (ChangeKind.Added, (byte)'3'), (ChangeKind.Removed, (byte)'1'),
                (ChangeKind.Added, (byte)'2'), (ChangeKind.Added, (byte)'1'),
            }));
    }

    [Test]
    public void Changes_OfASnapshot_AreReadInPieces()
    {
        var tree = _database.GetMultiTree("tags");
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < 250; i++)
            {
                transaction[tree].Add("many"u8, Sample.Key(i));
            }

            transaction.Commit();
        }

        using var now = _database.OpenSnapshot();
        Assert.That(
            now[tree].ChangesSince(_snapshot).Select(change => change.Value),
            Is.EqualTo(Enumerable.Range(0, 250).Select(Sample.Key)));
    }

    [Test]
    public void ATreeThatIsMissing_CountsAsEmpty()
    {
        var tree = _database.GetMultiTree("others");
        using (var transaction = _database.BeginWrite())
        {
            transaction[transaction.CreateMultiTree("others", keySize: 2)].Add("kk"u8, "v"u8);
            transaction.Commit();
        }

        using var older = _snapshot.BeginRead();
        using var newer = _database.BeginRead();
        Assert.That(Text(newer.ChangesSince(older, tree)), Is.EqualTo("+kk v"));
        Assert.That(Text(older.ChangesSince(newer, tree)), Is.EqualTo("-kk v"));
        Assert.That(Text(older.ChangesSince(older, tree)), Is.Empty);
        Assert.That(Text(newer.ChangesSince(older, tree).From("kkk"u8)), Is.Empty);
        Assert.That(Text(newer.ChangesSince(older, tree).Prefix("kkk"u8)), Is.Empty);
        Assert.That(Text(newer.ChangesSince(older, tree).Prefix("k"u8)), Is.EqualTo("+kk v"));
    }

    [Test]
    public void ATreeThatWasMadeAnewWithOtherKeys_IsRefused()
    {
        var tree = _database.GetMultiTree("tags");
        using (var transaction = _database.BeginWrite())
        {
            transaction.DropTree(tree.Untyped);
            transaction[transaction.CreateMultiTree("tags", keySize: 2)].Add("kk"u8, "v"u8);
            transaction.Commit();
        }

        using var now = _database.OpenSnapshot();
        Assert.Throws<TreeOptionsException>(() => now[tree].ChangesSince(_snapshot).Any());
    }

    private MultiTree Change()
    {
        var tree = _database.GetMultiTree("tags");
        using var transaction = _database.BeginWrite();
        var tags = transaction[tree];
        tags.Delete("a"u8, "1"u8);
        tags.Add("a"u8, "3"u8);
        tags.Delete("a\0b"u8, "1"u8);
        tags.Add("a\0b"u8, "2"u8);
        tags.Add("c"u8, "1"u8);
        transaction.Commit();
        return tree;
    }

    private static string Text(MultiTreeDifference difference)
    {
        var changes = new List<string>();
        foreach (var change in difference)
        {
            changes.Add(
                $"{(change.Kind == ChangeKind.Added ? '+' : '-')}{Encoding.UTF8.GetString(change.Key)} "
                + Encoding.UTF8.GetString(change.Value));
        }

        return string.Join(",", changes);
    }
}
