using Engine.Transactions;
using static Engine.Tests.Expiry.ExpiringDatabase;

namespace Engine.Tests.Expiry;

/// <summary>Expiring trees among others: what they are called, what is refused, what goes with them.</summary>
public class ExpiringTreeKindTests
{
    private ExpiringDatabase _expiring = null!;

    private Database Database => _expiring.Database;

    private ExpiringTree Tree => _expiring.Tree;

    private Tree Times => Database.GetTree(Tree.TimesName);

    [SetUp]
    public void Open()
    {
        _expiring = new ExpiringDatabase();
        Database.Write(tx => tx[Tree].Put("a"u8, "1"u8, At(10)));
    }

    [TearDown]
    public void Close() => _expiring.Dispose();

    [Test]
    public void Create_OfOneThatIsThere_ChangesNothing()
    {
        Assert.That(Database.Write(static tx => tx.CreateExpiringTree("sessions")), Is.EqualTo(Tree));
        Assert.That(_expiring.Show(), Is.EqualTo("a=1"));
        Assert.That(Tree == Database.GetExpiringTree("sessions") && Tree != Database.GetExpiringTree("other"));
    }

    [Test]
    public void OtherHandles_CannotWriteToIt()
    {
        using var tx = Database.BeginWrite();
        foreach (var tree in new[] { Tree.Untyped, Times })
        {
            Refuse(() => tx[tree].Put("b"u8, "2"u8));
            Refuse(() => tx[tree].Put("b"u8, 1, 0, static (_, _) => { }));
            Refuse(() => tx[tree].TryAdd("b"u8, "2"u8));
            Refuse(() => tx[tree].Delete("a"u8));
            Refuse(() => tx[tree].DeletePrefix("a"u8));
            Refuse(() => tx[tree].DeleteFrom("a"u8));
            Refuse(() => tx[tree].BeginLoad());
            Refuse(() => tx[tree].OpenCursor().Put("b"u8, "2"u8));
            Refuse(() => tx.AdoptCodecs(Database.GetTree<string, string>(tree.Name)));
            Refuse(() => tx.CreateTree(Database.GetTree<string, string>(tree.Name)));
            Refuse(() => tx.Open(Database.GetTree<string, string>(tree.Name)));
            Refuse(() => tx.CreateTree(tree.Name, TreeOptions.Counted));
            Refuse(() => tx.CreateMultiTree(tree.Name));
            Refuse(() => tx[Database.GetMultiTree(tree.Name)].Add("a"u8, "b"u8));
            Refuse(() => tx[Database.GetMultiTree(tree.Name)].Clear());
        }

        Refuse(() => tx[Times].Clear());
        Refuse(() => tx.DropTree(Times));
        Refuse(() => tx.RenameTree(Times, "other"));
        Refuse(() => tx[Database.GetExpiringTree(Times.Name)].Put("a"u8, "b"u8));
        Refuse(() => tx.CreateExpiringTree(Times.Name));
        tx.Commit();
        Assert.That(_expiring.Show(), Is.EqualTo("a=1"));
        _expiring.RequireIndex();

        static void Refuse(Action write) => Assert.Throws<TreeOptionsException>(write);
    }

    [Test]
    public void OtherTrees_CannotBeUsedAsExpiringOnes()
    {
        using var tx = Database.BeginWrite();
        tx.CreateTree("plain");
        tx.CreateMultiTree("pairs");
        foreach (var name in new[] { "plain", "pairs" })
        {
            var tree = Database.GetExpiringTree(name);
            Refuse(() => tx.CreateExpiringTree(name));
            Refuse(() => tx[tree].Put("a"u8, "b"u8, At(10)));
            Refuse(() => tx[tree].Touch("a"u8, At(10)));
            Refuse(() => tx[tree].Delete("a"u8));
            Refuse(() => tx[tree].ContainsKey("a"u8));
            Refuse(() => tx[tree].RemoveExpired(1));
            Refuse(() => tx[tree].Clear());
            Refuse(() => _ = tx[tree].CountWithExpired);
            Refuse(() => tx.Read(tree, static (read, tree) => read[tree].ContainsKey("a"u8)));
        }

        Assert.Throws<TreeNotFoundException>(() => tx[Database.GetExpiringTree("none")].Delete("a"u8));
        Assert.Throws<TreeNotFoundException>(
            () => tx.Read(Database.GetExpiringTree("none"), static (read, tree) => read[tree].ContainsKey("a"u8)));
        using var other = Database.OpenInMemory();
        Assert.Throws<ArgumentException>(() => tx[other.GetExpiringTree("sessions")].Delete("a"u8));

        static void Refuse(Action write) => Assert.Throws<TreeOptionsException>(write);
    }

    [Test]
    public void Create_WhereTheTimeIndexHasNoName_ChangesNothing()
    {
        using var tx = Database.BeginWrite();
        tx.CreateTree("x:expiry");
        Assert.Throws<TreeExistsException>(() => tx.CreateExpiringTree("x"));
        Assert.Throws<KeyTooLongException>(() => tx.CreateExpiringTree(new string('x', Database.MaxKeyLength - 3)));
        Assert.That(tx.GetTreeNames(), Is.EqualTo(new[] { "sessions", "sessions:expiry", "x:expiry" }));
    }

    [Test]
    public void Rename_TakesTheTimeIndexAlong()
    {
        using (var tx = Database.BeginWrite())
        {
            tx.CreateTree("taken:expiry");
            Assert.Throws<TreeExistsException>(() => tx.RenameTree(Tree.Untyped, "taken"));
            tx[Tree].Put("b"u8, "2"u8, At(20));
            tx.RenameTree(Tree.Untyped, "renamed");
            Assert.That(
                tx.GetTreeNames(), Is.EqualTo(new[] { "renamed", "renamed:expiry", "taken:expiry" }));
            _expiring.Time.Now = At(10);
            tx.Commit();
        }

        using var read = Database.BeginRead();
        var renamed = Database.GetExpiringTree("renamed");
        Assert.That(Show(read[renamed].All()), Is.EqualTo("b=2"));
        Assert.That(read[renamed].CountWithExpired, Is.EqualTo(1), "the commit has cleaned it");
        RequireIndex(read, renamed);
    }

    [Test]
    public void Drop_TakesTheTimeIndexAlong_AndARollbackBringsBothBack()
    {
        using var tx = Database.BeginWrite();
        var before = tx.Savepoint();
        tx.DropTree(Tree.Untyped);
        Assert.That(tx.GetTreeNames(), Is.Empty);
        tx.CreateExpiringTree("sessions");
        tx[Tree].Put("b"u8, "2"u8, At(10));
        tx.RollBackTo(before);
        tx.Commit();
        Assert.That(_expiring.Show(), Is.EqualTo("a=1"));
        _expiring.RequireIndex();
        Database.Write(tx => tx.DropTree("sessions"));
        Assert.That(Database.Read(static read => read.GetTreeNames()), Is.Empty);
        Assert.That(Database.Check().Problems, Is.Empty);
    }

    [Test]
    public void Clear_ByAnyHandle_ClearsTheTimeIndex([Values] bool isUntyped)
    {
        Database.Write(tx => Assert.That(
            isUntyped ? tx[Tree.Untyped].Clear() : tx[Tree].Clear(), Is.EqualTo(1)));
        _expiring.RequireIndex();
        Assert.That(_expiring.Show(), Is.Empty);
    }

    [Test]
    public void TimeIndex_ThatIsNotThere_IsCorruption_AndOneWithoutItsTreeCanBeDropped()
    {
        Database.Write(tx =>
        {
            using var entered = tx.Enter(out var context);
            context.SetAttributes(Tree.Untyped.Id, []);
        });
        Database.Write(tx => tx.DropTree(Times));
        Database.Write(tx =>
        {
            using var entered = tx.Enter(out var context);
            context.SetAttributes(Tree.Untyped.Id, TreeExpiry.OfEntries);
        });

        using var tx = Database.BeginWrite();
        Assert.Throws<DatabaseCorruptException>(() => tx[Tree].Put("b"u8, "2"u8));
        Assert.Throws<DatabaseCorruptException>(() => tx[Tree].Delete("a"u8));
        Assert.Throws<DatabaseCorruptException>(() => tx[Tree].RemoveExpired(1));
        Assert.Throws<DatabaseCorruptException>(() => Database.RemoveExpired(Tree));
        Assert.That(_expiring.Show(), Is.EqualTo("a=1"));
        Assert.That(Database.Check().Problems, Is.Not.Empty);
        tx.DropTree(Tree.Untyped);
        tx.Commit();
        Assert.That(Database.Check().Problems, Is.Empty);
    }

    [TestCase(new byte[] { 5, 128, 1, 0, 2 })]
    [TestCase(new byte[] { 5, 128, 2, 0, 0, 0 })]
    [TestCase(new byte[] { 5, 128, 0, 0 })]
    public void Attribute_ThatSaysSomethingElse_IsForANewerEngine(byte[] attributes)
    {
        Database.Write(tx =>
        {
            using var entered = tx.Enter(out var context);
            context.SetAttributes(Tree.Untyped.Id, attributes);
        });
        using var read = Database.BeginRead();
        try
        {
            _ = read[Database.GetExpiringTree("sessions")];
            Assert.Fail("It was opened.");
        }
        catch (DatabaseFormatException e)
        {
            Assert.That(e.Message, Does.Contain("attribute 5"));
        }

        Assert.That(
            Database.Check().Problems.Select(static problem => problem.Rule), Does.Contain("attribute-required"));
    }

    [TestCase(7)]
    [TestCase(0)]
    public void Value_ThatIsTooShortForATime_IsCorruption(int length)
    {
        Database.Write(tx =>
        {
            using var entered = tx.Enter(out var context);
            context.Put(Tree.Entries.Id, "b"u8, new byte[length], Engine.Trees.PutMode.Overwrite);
        });
        Assert.Throws<DatabaseCorruptException>(
            () => Database.Read(Tree, static (read, tree) => read[tree].ContainsKey("b"u8)));
        Assert.Throws<DatabaseCorruptException>(
            () => Database.Read(Tree, static (read, tree) => read[tree].All().Count()));
        Assert.Throws<DatabaseCorruptException>(() => Database.Write(tx => tx[Tree].Put("b"u8, "2"u8)));
        Assert.That(Database.Check().Problems.Select(static problem => problem.Rule), Does.Contain("expiry-entry"));
    }

    [Test]
    public void Time_ThatNoClockShows_IsCorruption()
    {
        Database.Write(tx =>
        {
            using var entered = tx.Enter(out var context);
            context.PutExpiring(
                Tree.Entries.Id, "b"u8, "2"u8, ulong.MaxValue - 1, now: 0, Engine.Trees.PutMode.Overwrite);
        });
        Assert.Throws<DatabaseCorruptException>(
            () => Database.Read(Tree, static (read, tree) => read[tree].TryGet("b"u8, out _, out _)));
        Assert.That(Database.Check().Problems.Select(static problem => problem.Rule), Does.Contain("expiry-entry"));
    }
}
