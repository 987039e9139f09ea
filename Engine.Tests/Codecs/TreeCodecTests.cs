using Engine.Tests.Infrastructure;
using Engine.Tests.Transactions;
using Engine.Transactions;

namespace Engine.Tests.Codecs;

/// <summary>A tree remembers the codecs that it was made with, and is opened with no others.</summary>
public class TreeCodecTests : TransactionTest
{
    private TempDirectory _directory = null!;
    private Database _database = null!;
    private Tree<long, string> _tree = null!;

    [SetUp]
    public void Create()
    {
        _directory = new TempDirectory();
        _database = Database.Open(_directory.DatabasePath, Defaults);
        _tree = _database.GetTree<long, string>("t");
        using var tx = _database.BeginWrite();
        tx.Open(tx.CreateTree(_tree)).Put(1, "one");
        tx.Commit();
    }

    [TearDown]
    public void Remove()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Tree_WithOtherCodecs_IsRefused_AndSaysWhich()
    {
        var other = _database.GetTree<ulong, string>("t");
        var refusal = Assert.Throws<CodecMismatchException>(() => Read(other));
        Assert.That(
            (refusal.TreeName, refusal.StoredKeyCodec, refusal.StoredValueCodec, refusal.KeyCodec, refusal.ValueCodec),
            Is.EqualTo(("t", "i64", "utf8", "u64", "utf8")));
        Assert.That(refusal.Message, Does.Contain("'i64'").And.Contain("'u64'"));
        Assert.That(() => Read(_database.GetTree<long, byte[]>("t")), Throws.TypeOf<CodecMismatchException>());
        using (var tx = _database.BeginWrite())
        {
            Assert.That(() => Open(tx, other), Throws.TypeOf<CodecMismatchException>());
            Assert.That(() => tx.CreateTree(other), Throws.TypeOf<CodecMismatchException>());
            Assert.That(() => tx.AdoptCodecs(other), Throws.TypeOf<CodecMismatchException>());
            tx.Open(_tree).Put(2, "two");
            tx.Commit();
        }

        using var snapshot = _database.OpenSnapshot();
        Assert.That(() => snapshot.Open(other), Throws.TypeOf<CodecMismatchException>());
        Assert.That(snapshot.Open(_tree).Count, Is.EqualTo(2));
    }

    [Test]
    public void Handle_ThatFitted_IsRefused_WhenAnotherTreeHasTheName()
    {
        Assert.That(Read(_tree), Is.EqualTo("one"));
        using var before = _database.OpenSnapshot();
        using (var tx = _database.BeginWrite())
        {
            var writer = tx.Open(_tree);
            writer.Put(2, "two");
            tx.DropTree(_tree.Untyped);
            Assert.That(() => Open(tx, _tree), Throws.TypeOf<TreeNotFoundException>());
            tx.CreateTree(_database.GetTree<int, int>("t"));
            var isRefused = false;
            try
            {
                writer.Put(3, "three");
            }
            catch (CodecMismatchException)
            {
                isRefused = true;
            }

            Assert.That(isRefused, "a writer that was there before the tree");
            tx.Commit();
        }

        Assert.That(() => Read(_tree), Throws.TypeOf<CodecMismatchException>());
        Assert.That(before.Open(_tree).Get(1), Is.EqualTo("one"), "an older state has the older tree");
        Assert.That(() => Read(_tree), Throws.TypeOf<CodecMismatchException>());
    }

    [Test]
    public void Codecs_OfATreeThatIsRenamed_GoWithIt()
    {
        using (var tx = _database.BeginWrite())
        {
            tx.RenameTree(_tree.Untyped, "u");
            Assert.That(tx.Open(_database.GetTree<long, string>("u")).Get(1), Is.EqualTo("one"));
            tx.CreateTree("t");
            tx.Commit();
        }

        Assert.That(Read(_database.GetTree<long, string>("u")), Is.EqualTo("one"));
        Assert.That(() => Read(_database.GetTree<int, string>("u")), Throws.TypeOf<CodecMismatchException>());
        Assert.That(() => Read(_tree), Throws.TypeOf<CodecMismatchException>(), "a tree of bytes is there now");
    }

    [Test]
    public void Codecs_SurviveReopening_AndTheCheckIsContent()
    {
        Assert.That(_database.Check().IsOk);
        _database.Dispose();
        _database = Database.Open(_directory.DatabasePath, Defaults);
        Assert.That(Read(_database.GetTree<long, string>("t")), Is.EqualTo("one"));
        Assert.That(() => Read(_database.GetTree<int, string>("t")), Throws.TypeOf<CodecMismatchException>());
        using var reader = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        using var read = reader.BeginRead();
        Assert.That(read.Open(reader.GetTree<long, string>("t")).Get(1), Is.EqualTo("one"));
    }

    [Test]
    public void Codecs_AreAttributes1And2_OfTheCatalog()
    {
        _database.Dispose();
        var image = PropertyTests.Checking.ImageChecker.Check(File.ReadAllBytes(_directory.DatabasePath));
        Assert.That(
            image.Trees.Single(static tree => tree.Name == "t").Attributes,
            Is.EqualTo((byte[])[1, 0, 3, 0, .. "i64"u8, 2, 0, 4, 0, .. "utf8"u8]));
    }

    [Test]
    public void Codecs_ThatWereGivenBehindASavepoint_AreRolledBack()
    {
        using var tx = _database.BeginWrite();
        var tree = _database.GetTree<int, int>("new");
        tx.CreateTree("adopted");
        var adopted = _database.GetTree<int, int>("adopted");
        var savepoint = tx.Savepoint();
        tx.Open(tx.CreateTree(tree)).Put(1, 1);
        tx.AdoptCodecs(adopted);
        tx.DropTree(_tree.Untyped);
        tx.CreateTree(_database.GetTree<int, int>("t"));
        tx.RollBackTo(savepoint);
        Assert.That(tx.TreeExists("new"), Is.False);
        Assert.That(() => Open(tx, adopted), Throws.TypeOf<CodecMismatchException>());
        Assert.That(tx.Open(_tree).Get(1), Is.EqualTo("one"));
        tx.CreateTree(_database.GetTree<string, int>("new"));
        tx.CreateTree(adopted);
        tx.Commit();
        Assert.That(Count(_database.GetTree<string, int>("new")) + Count(adopted), Is.Zero);
    }

    [Test]
    public void Codecs_ThatAreGivenInATransactionThatIsAborted_AreNotThere()
    {
        var tree = _database.GetTree<int, int>("u");
        using (var tx = _database.BeginWrite())
        {
            tx.CreateTree("u");
            tx.Commit();
        }

        using (var tx = _database.BeginWrite())
        {
            tx.CreateTree(tree);
            Assert.That(tx.Open(tree).Count, Is.Zero);
        }

        Assert.That(() => Count(tree), Throws.TypeOf<CodecMismatchException>());
    }

    [Test]
    public void TreeOfBytes_IsRefused_UntilItIsEmptyOrAdopted()
    {
        var tree = _database.GetTree<int, string>("bytes");
        using (var tx = _database.BeginWrite())
        {
            tx[tx.CreateTree("bytes")].Put(KeyCodec.Int32.Encode(-5), "minus five"u8);
            tx.Commit();
        }

        var refusal = Assert.Throws<CodecMismatchException>(() => Count(tree));
        Assert.That((refusal.StoredKeyCodec, refusal.StoredValueCodec), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(refusal.Message, Does.Contain(nameof(WriteTransaction.AdoptCodecs)));
        using (var tx = _database.BeginWrite())
        {
            Assert.That(() => tx.CreateTree(tree), Throws.TypeOf<CodecMismatchException>());
            Assert.That(
                () => tx.AdoptCodecs(_database.GetTree<long, string>("bytes")),
                Throws.TypeOf<InvalidEncodingException>(),
                "the keys have four bytes");
            Assert.That(
                () => tx.AdoptCodecs(_database.GetTree<int, int>("bytes")), Throws.TypeOf<InvalidEncodingException>());
            Assert.That(
                () => tx.AdoptCodecs(_database.GetTree<int, int>("none")), Throws.TypeOf<TreeNotFoundException>());
            Assert.That(tx.Open(tx.AdoptCodecs(tree)).Get(-5), Is.EqualTo("minus five"));
            tx.AdoptCodecs(tree);
            tx.Commit();
        }

        Assert.That(Count(tree), Is.EqualTo(1));
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void EmptyTreeOfBytes_GetsTheCodecs()
    {
        using (var tx = _database.BeginWrite())
        {
            tx.CreateTree("empty");
            tx.Commit();
        }

        using (var tx = _database.BeginWrite())
        {
            tx.CreateTree(_database.GetTree<int, int>("empty"));
            tx.Commit();
        }

        Assert.That(Count(_database.GetTree<int, int>("empty")), Is.Zero);
    }

    [Test]
    public void EmptyTreeWithCodecs_KeepsThem()
    {
        using var tx = _database.BeginWrite();
        tx.Open(_tree).Clear();
        Assert.That(() => tx.CreateTree(_database.GetTree<int, int>("t")), Throws.TypeOf<CodecMismatchException>());
        tx.CreateTree("t");
        Assert.That(tx.Open(_tree).Count, Is.Zero);
    }

    [Test]
    public void TreeThatDoesNotExist_IsNotOpened()
    {
        var tree = _database.GetTree<int, int>("none");
        Assert.That(() => Count(tree), Throws.TypeOf<TreeNotFoundException>());
        using var read = _database.BeginRead();
        Assert.That(read.TryOpen(tree, out _), Is.False);
        using var snapshot = _database.OpenSnapshot();
        Assert.That(() => snapshot.Open(tree), Throws.TypeOf<TreeNotFoundException>());
    }

    [Test]
    public void DefaultTree_HasNoCodecs() => Assert.That(
        () => _database.GetTree<int, int>(""), Throws.ArgumentException.With.Message.Contains("default tree"));

    [Test]
    public void HandleOfAnotherDatabase_IsRefused()
    {
        using var other = Database.OpenInMemory();
        var foreign = other.GetTree<long, string>("t");
        using var tx = _database.BeginWrite();
        Assert.That(() => Open(tx, foreign), Throws.ArgumentException);
        Assert.That(() => tx.CreateTree(foreign), Throws.ArgumentException);
        Assert.That(() => tx.AdoptCodecs(foreign), Throws.ArgumentException);
        Assert.That(() => Read(foreign), Throws.ArgumentException);
    }

    [Test]
    public void NameThatLeavesNoRoomForTheCodecs_IsRefused_AndNothingIsMade()
    {
        // A record of 64 bytes and the attributes lie beside the name, in half a page at the most.
        using var database = Database.OpenInMemory(new DatabaseOptions { PageSize = 512, AllowTestPageSizes = true });
        var name = new string('n', database.MaxKeyLength);
        var text = new string('k', ValueCodec.MaxNameLength);
        var codec = ValueCodec.Serialized<int>(text, static (_, _) => { }, static _ => 0);
        using var tx = database.BeginWrite();
        Assert.That(
            () => tx.CreateTree(database.GetTree(name, KeyCodec.Int32, codec)), Throws.TypeOf<KeyTooLongException>());
        Assert.That(tx.TreeExists(name), Is.False);
        tx.CreateTree(database.GetTree(name, KeyCodec.Int32, KeyCodec.Int32));
        tx.Commit();
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void OtherAttributes_AreKept()
    {
        var attributes = (byte[])[3, 0, 1, 0, 7, 200, 0, 0, 0];
        using (var tx = _database.BeginWrite())
        {
            var tree = tx.CreateTree("u");
            using (tx.Enter(out var context))
            {
                context.SetAttributes(tree.Id, attributes);
            }

            tx.CreateTree(_database.GetTree<int, int>("u"));
            tx.Commit();
        }

        _database.Dispose();
        var image = PropertyTests.Checking.ImageChecker.Check(File.ReadAllBytes(_directory.DatabasePath));
        Assert.That(
            image.Trees.Single(static tree => tree.Name == "u").Attributes,
            Is.EqualTo((byte[])[1, 0, 3, 0, .. "i32"u8, 2, 0, 3, 0, .. "i32"u8, .. attributes]));
    }

    [Test]
    public void TreeWithOneCodecOfTheTwo_IsRefused()
    {
        var tree = _database.GetTree<int, string>("half");
        using var tx = _database.BeginWrite();
        var half = tx.CreateTree("half");
        using (tx.Enter(out var context))
        {
            context.SetAttributes(half.Id, [2, 0, 4, 0, .. "utf8"u8]);
        }

        var refusal = Assert.Throws<CodecMismatchException>(() => tx.CreateTree(tree));
        Assert.That((refusal.StoredKeyCodec, refusal.StoredValueCodec), Is.EqualTo(((string?)null, "utf8")));
        Assert.That(() => tx.AdoptCodecs(tree), Throws.TypeOf<CodecMismatchException>());
    }

    [TestCase(1, new byte[] { 1, 0, 1, 0, 9, 3, 0, 2, 0, 7, 7, 5, 0, 0, 0 })]
    [TestCase(3, new byte[] { 3, 0, 1, 0, 9, 5, 0, 0, 0 })]
    [TestCase(4, new byte[] { 3, 0, 2, 0, 7, 7, 4, 0, 1, 0, 9, 5, 0, 0, 0 })]
    [TestCase(6, new byte[] { 3, 0, 2, 0, 7, 7, 5, 0, 0, 0, 6, 0, 1, 0, 9 })]
    public void Attribute_ThatIsAdded_StandsInItsPlace(int tag, byte[] expected)
    {
        byte[] list = [3, 0, 2, 0, 7, 7, 5, 0, 0, 0];
        var result = TreeAttributes.With(list, tag, [9]);
        Assert.That(result, Is.EqualTo(expected));
        Assert.That(TreeAttributes.TryCheck(result, out _));
        Assert.That(TreeAttributes.TryFind(result, tag, out var value) && value.SequenceEqual((byte[])[9]));
        Assert.That(TreeAttributes.TryFind(list, 4, out _), Is.False);
    }

    [Test]
    public void Encoder_ThatDropsTheTree_WritesIntoNoOther()
    {
        using var tx = _database.BeginWrite();
        var tree = _database.GetTree(
            "dropped",
            KeyCodec.Int32,
            ValueCodec.Serialized<int>(
                "dropping",
                (_, _) =>
                {
                    tx.DropTree("dropped");
                    tx.CreateTree(_database.GetTree<int, int>("dropped"));
                },
                static _ => 0));
        tx.CreateTree(tree);
        Assert.That(() => tx.Open(tree).Put(1, 1), Throws.TypeOf<CodecMismatchException>());
        Assert.That(tx[tree.Untyped].Count, Is.Zero);
    }

    [Test]
    public void Codecs_OfATreeInAMemberOfAGroup_AreThereForTheNext()
    {
        Assert.That(
            Task.WaitAll(
                Enumerable.Range(0, 20).Select(i => _database.WriteAsync(i, (tx, i) =>
                {
                    var tree = _database.GetTree<int, int>($"group {i % 3}");
                    tx.Open(tx.CreateTree(tree)).Put(i, i);
                    return tx.Open(tree).Get(i);
                }).AsTask()).ToArray<Task>(),
                TimeSpan.FromMinutes(1)));
        var count = 0L;
        for (var i = 0; i < 3; i++)
        {
            count += Count(_database.GetTree<int, int>($"group {i}"));
        }

        Assert.That(count, Is.EqualTo(20));
    }

    private static void Open<TKey, TValue>(WriteTransaction tx, Tree<TKey, TValue> tree) => _ = tx.Open(tree);

    private string? Read<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        using var read = _database.BeginRead();
        return read.Open(tree).TryGetFirst(out var entry) ? entry.Value?.ToString() : null;
    }

    private long Count<TKey, TValue>(Tree<TKey, TValue> tree)
    {
        using var read = _database.BeginRead();
        return read.Open(tree).Count;
    }
}
