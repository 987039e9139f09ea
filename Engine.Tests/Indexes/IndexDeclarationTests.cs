using Engine.Tests.Infrastructure;
using Engine.Tests.Transactions;
using Engine.Transactions;
using User = (string Email, string City, int Age);

namespace Engine.Tests.Indexes;

/// <summary>Which indexes a tree has, is remembered by the catalog; who declares others does not write.</summary>
public class IndexDeclarationTests : TransactionTest
{
    private TempDirectory _directory = null!;
    private Database _database = null!;
    private UserTree _users = null!;

    [SetUp]
    public void Create()
    {
        _directory = new TempDirectory();
        Reopen();
        using var tx = _database.BeginWrite();
        tx.Open(tx.CreateTree(_users.Tree)).Put(1, ("ada@x", "Basel", 36));
        tx.Open(_users.Tree).Put(2, ("ben@x", "Aarau", 12));
        tx.Commit();
    }

    [TearDown]
    public void Remove()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Indexes_SurviveReopening_AndTheCheckIsContent()
    {
        Reopen();
        Assert.That(UserTree.Keys(_database, _users.ByCity), Is.EqualTo(new[] { 2, 1 }));
        using (var tx = _database.BeginWrite())
        {
            tx.Open(_users.Tree).Put(3, ("cem@x", "Arth", 1));
            tx.Commit();
        }

        Assert.That(UserTree.Keys(_database, _users.ByCity), Is.EqualTo(new[] { 2, 3, 1 }));
        Assert.That(_database.Check().IsOk);
        using var reader = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        Assert.That(UserTree.Keys(reader, new UserTree(reader).ByEmail), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void Indexes_AreAttribute4_OfTheCatalog()
    {
        _database.Dispose();
        var image = PropertyTests.Checking.ImageChecker.Check(File.ReadAllBytes(_directory.DatabasePath));
        var attributes = image.Trees.Single(static tree => tree.Name == "users").Attributes;
        byte[] expected =
        [
            4, 0, 68, 0, 0, 10, 13, 0, .. "(utf8,i32)users.by-city"u8, 1, 4, 14, 0, .. "utf8users.by-email"u8,
            0, 3, 12, 0, .. "i32users.minors"u8,
        ];
        Assert.That(attributes[^expected.Length..], Is.EqualTo(expected));
        Assert.That(
            image.Trees.Single(static tree => tree.Name == "users.by-city").Attributes,
            Is.EqualTo((byte[])[1, 0, 16, 0, .. "((utf8,i32),i64)"u8, 2, 0, 5, 0, .. "index"u8]));
    }

    [Test]
    public void Writer_ThatDeclaresOtherIndexes_IsRefused_AndSaysWhatToDo()
    {
        var none = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        var other = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        other.AddIndex("users.by-email", UserTree.Email);
        using (var tx = _database.BeginWrite())
        {
            var refusal = RequireMismatch(tx, none);
            Assert.That(refusal.TreeName, Is.EqualTo("users"));
            Assert.That(refusal.Message, Does.Contain("'users.by-email' (utf8, unique)").And.Contain("DropIndex"));
            Assert.That(
                RequireMismatch(tx, other).Message, Does.Contain("'users.by-email' (utf8),").And.Contain("BuildI"));
            tx.CreateTree(none);
            Assert.That(tx[none.Untyped].Count, Is.EqualTo(2));
            tx.Open(_users.Tree).Put(4, default((string, string, int)) with { Item1 = "", Item2 = "" });
        }

        using var read = _database.BeginRead();
        Assert.That(read.Open(none).Count, Is.EqualTo(2), "reading is as always");
        Assert.That(
            read.Open(none).VerifyIndexes().Select(static finding => finding.ToString()),
            Is.EqualTo(new[]
            {
                "users.by-city: NotDeclared", "users.by-email: NotDeclared", "users.minors: NotDeclared",
            }));
    }

    [Test]
    public void Index_ThatTheTreeDoesNotHave_IsNotRead()
    {
        var tree = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        var byAge = tree.AddIndex("users.by-age", static (_, user) => user.Age);
        Assert.That(() => UserTree.Keys(_database, byAge), Throws.TypeOf<IndexMismatchException>());
        Assert.That(
            () => { using var snapshot = _database.OpenSnapshot(); snapshot.Open(byAge); },
            Throws.TypeOf<IndexMismatchException>());
        using var tx = _database.BeginWrite();
        Assert.That(() => tx.Open(byAge), Throws.TypeOf<IndexMismatchException>());
        var absent = _database.GetTree<int, int>("absent");
        var ofAbsent = absent.AddIndex("absent.index", static (key, _) => key);
        Assert.That(() => tx.Open(ofAbsent), Throws.TypeOf<TreeNotFoundException>());
        Assert.That(() => tx.BuildIndexes(absent), Throws.TypeOf<TreeNotFoundException>());
        Assert.That(() => tx.TryDropIndex(absent.Untyped, "absent.index"), Throws.TypeOf<TreeNotFoundException>());
    }

    [Test]
    public void IndexesOfATreeWithEntries_AreBuilt()
    {
        using (var tx = _database.BeginWrite())
        {
            var plain = _database.GetTree<int, string>("plain");
            var writer = tx.Open(tx.CreateTree(plain));
            for (var i = 0; i < 3000; i++)
            {
                writer.Put(i, $"{i * 7919 % 3000:d5}");
            }

            tx.Commit();
        }

        var tree = _database.GetTree<int, string>("plain");
        var byText = tree.AddIndex("plain.by-text", static (_, text) => text, unique: true);
        var odd = tree.AddPartialIndex(
            "plain.odd", static (key, _, out half) => { half = key / 2; return key % 2 == 1; }, KeyCodec.Int32);
        using (var tx = _database.BeginWrite())
        {
            tx.CreateTree(tree);
            RequireMismatch(tx, tree);
            Assert.That(tx.BuildIndexes(tree, new BulkLoadOptions { SortMemory = 128 * 1024 }), Is.EqualTo(2));
            Assert.That(tx.BuildIndexes(tree), Is.Zero);
            tx.Open(tree).Put(4000, "x");
            tx.Commit();
        }

        using var read = _database.BeginRead();
        Assert.That(read.Open(tree).VerifyIndexes(), Is.Empty);
        Assert.That((read.Open(byText).Count, read.Open(odd).Count), Is.EqualTo((3001L, 1500L)));
        Assert.That(read.Open(byText).TryGetKey("00001", out var key) && key * 7919 % 3000 == 1);
    }

    [Test]
    public void BuildThatFails_ChangesNothing()
    {
        var tree = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        var byNothing = tree.AddIndex("users.by-nothing", static (_, _) => 0, unique: true);
        var taken = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        taken.AddIndex("taken", static (_, _) => 0);
        var tooLong = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        tooLong.AddIndex("users.long", static (_, _) => new string('x', 1020));
        using (var tx = _database.BeginWrite())
        {
            tx.CreateTree("taken");
            tx.Main.Put("a"u8, "b"u8);
            Assert.That(() => tx.BuildIndexes(tree), Throws.TypeOf<UniqueIndexException>());
            Assert.That(() => tx.BuildIndexes(taken), Throws.TypeOf<TreeExistsException>());
            Assert.That(() => tx.BuildIndexes(tooLong), Throws.TypeOf<KeyTooLongException>());
            Assert.That(
                () => tx.BuildIndexes(tree, new BulkLoadOptions { SortMemory = 1 }),
                Throws.TypeOf<ArgumentOutOfRangeException>());
            using (var load = tx.Main.BeginLoad())
            {
                load.Add("z"u8, "1"u8);
                load.Add("y"u8, "1"u8);
                Assert.That(() => tx.BuildIndexes(tree), Throws.InvalidOperationException, "entries to be sorted");
                load.Complete();
            }

            Assert.That(tx.GetTreeNames(), Is.EqualTo(new[]
            {
                "taken", "users", "users.by-city", "users.by-email", "users.minors",
            }));
            tx.Open(_users.Tree).Put(3, ("cem@x", "Arth", 1));
            tx.Commit();
        }

        Assert.That(_users.Verify(_database), Is.Empty);
        Assert.That(byNothing.ToString(), Does.Contain("users.by-nothing"));
    }

    [Test]
    public void Index_ThatIsDroppedOrChanged_IsMadeByBuilding()
    {
        var tree = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        var byEmail = tree.AddIndex("users.by-email", static (key, user) => user.Email.Length + key);
        tree.AddIndex("users.by-city", static (_, user) => (user.City, user.Age),
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        using (var tx = _database.BeginWrite())
        {
            tx.DropIndex(tree.Untyped, "users.minors");
            Assert.That(tx.TryDropIndex(tree.Untyped, "users.minors"), Is.False);
            Assert.That(() => tx.DropIndex(tree.Untyped, "users.minors"), Throws.TypeOf<TreeNotFoundException>());
            Assert.That(tx.TreeExists("users.minors"), Is.False);
            RequireMismatch(tx, tree);
            Assert.That(tx.BuildIndexes(tree), Is.EqualTo(1), "the other one is as it was");
            Assert.That(tx.Read(tree, static (read, tree) => read.Open(tree).VerifyIndexes()), Is.Empty);
            tx.DropTree(byEmail.Untyped);
            RequireMismatch(tx, tree);
            Assert.That(
                tx.Read(tree, static (read, tree) => read.Open(tree).VerifyIndexes()).Single().Problem,
                Is.EqualTo(IndexProblem.NotBuilt));
            Assert.That(tx.BuildIndexes(tree), Is.EqualTo(1));
            tx.Open(tree).Put(9, ("x", "y", 1));
            tx.Commit();
        }

        using (var read = _database.BeginRead())
        {
            Assert.That(read.Open(tree).VerifyIndexes(), Is.Empty);
        }

        using (var tx = _database.BeginWrite())
        {
            tx.DropIndex(tree.Untyped, "users.by-email");
            tx.DropIndex(tree.Untyped, "users.by-city");
            tx.Open(_database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec)).Put(10, ("a", "b", 2));
            tx.Commit();
        }

        _database.Dispose();
        var image = PropertyTests.Checking.ImageChecker.Check(File.ReadAllBytes(_directory.DatabasePath));
        Assert.That(image.Trees.Single(static tree => tree.Name == "users").Attributes[0], Is.EqualTo(1));
        Assert.That(
            TreeAttributes.TryFind(
                image.Trees.Single(static tree => tree.Name == "users").Attributes, TreeAttributes.Indexes, out _),
            Is.False);
    }

    [Test]
    public void Tree_ThatIsRenamed_KeepsItsIndexes_AndOneThatIsDropped_DoesNot()
    {
        using (var tx = _database.BeginWrite())
        {
            tx.RenameTree(_users.Tree.Untyped, "people");
            var people = new UserTree(_database, "people");
            tx.Open(people.Tree).Put(3, ("cem@x", "Arth", 1));
            Assert.That(people.Verify(tx), Is.Empty);
            Assert.That(() => tx.CreateTree(_users.Tree), Throws.TypeOf<TreeExistsException>(), "its names are taken");
            Assert.That(tx.TreeExists("users"), Is.False);
            tx.Commit();
        }

        Assert.That(UserTree.Keys(_database, new UserTree(_database, "people").ByCity), Is.EqualTo(new[] { 2, 3, 1 }));
        using (var tx = _database.BeginWrite())
        {
            tx.DropTree("people");
            Assert.That(tx.GetTreeNames(), Is.Empty);
            tx.Open(tx.CreateTree(_users.Tree)).Put(1, ("ada@x", "Basel", 36));
            tx.Commit();
        }

        Assert.That(UserTree.Keys(_database, _users.ByCity), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void DroppedTree_LeavesATreeAlone_ThatHasOnlyTheNameOfItsIndex()
    {
        using var tx = _database.BeginWrite();
        tx.DropTree("users.minors");
        tx[tx.CreateTree("users.minors")].Put("mine"u8, "1"u8);
        Assert.That(() => tx.BuildIndexes(_users.Tree), Throws.TypeOf<TreeExistsException>());
        Assert.That(() => UserTree.Keys(tx, _users.Minors), Throws.TypeOf<IndexMismatchException>());
        tx.DropTree("users");
        Assert.That(tx.GetTreeNames(), Is.EqualTo(new[] { "users.minors" }));
    }

    [Test]
    public void EmptyTree_GetsTheIndexesThatItLacks()
    {
        using var tx = _database.BeginWrite();
        var plain = _database.GetTree<int, int>("plain");
        tx.Open(tx.CreateTree(plain));
        var tree = _database.GetTree<int, int>("plain");
        var index = tree.AddIndex("plain.index", static (_, value) => value);
        RequireMismatch(tx, tree);
        tx.CreateTree(tree);
        tx.Open(tree).Put(1, 2);
        Assert.That(tx.Open(index).Find(2).Single(), Is.EqualTo((2, 1, 2)));
        tx.CreateTree("bytes");
        var adopted = _database.GetTree<int, int>("bytes");
        adopted.AddIndex("bytes.index", static (_, value) => value);
        tx[adopted.Untyped].Put(KeyCodec.Int32.Encode(5), KeyCodec.Int32.Encode(6));
        Assert.That(() => tx.CreateTree(adopted), Throws.TypeOf<CodecMismatchException>());
        tx.AdoptCodecs(adopted);
        RequireMismatch(tx, adopted);
        tx.BuildIndexes(adopted);
        tx.AdoptCodecs(adopted);
        tx.Open(adopted).Delete(5);
        Assert.That(tx["bytes.index" is var name ? _database.GetTree(name) : null!].Count, Is.Zero);
    }

    [Test]
    public void Create_ThatIsRefused_MakesNothing()
    {
        using var tx = _database.BeginWrite();
        tx.CreateTree("new.b");
        var tree = _database.GetTree<int, int>("new");
        tree.AddIndex("new.a", static (_, value) => value);
        tree.AddIndex("new.b", static (_, value) => value);
        Assert.That(() => tx.CreateTree(tree), Throws.TypeOf<TreeExistsException>());
        Assert.That(tx.TreeExists("new.a") || tx.TreeExists("new"), Is.False);
        var many = _database.GetTree<int, int>("many");
        for (var i = 0; i < 100; i++)
        {
            many.AddIndex($"many.{i:d20}", static (_, value) => value);
        }

        Assert.That(() => tx.CreateTree(many), Throws.TypeOf<KeyTooLongException>(), "no room in the catalog");
        Assert.That(tx.TreeExists("many") || tx.TreeExists($"many.{0:d20}"), Is.False);
    }

    [Test]
    public void Indexes_AreRolledBack_WithTheTree()
    {
        using var tx = _database.BeginWrite();
        var savepoint = tx.Savepoint();
        tx.DropTree(_users.Tree.Untyped);
        tx.RollBackTo(savepoint);
        Assert.That(_users.Verify(tx), Is.Empty);
        Assert.That(UserTree.Keys(tx, _users.ByCity), Is.EqualTo(new[] { 2, 1 }));
        tx.DropIndex(_users.Tree.Untyped, "users.by-city");
        tx.RollBackTo(savepoint);
        tx.Open(_users.Tree).Put(3, ("c@x", "Arth", 3));
        Assert.That(UserTree.Keys(tx, _users.ByCity), Is.EqualTo(new[] { 2, 3, 1 }));
    }

    [Test]
    public void Declaration_ComesBeforeTheFirstUse()
    {
        UseAndDeclare(static (_, _) => { }, isRefused: false);
        UseAndDeclare(static (tx, tree) => tx.CreateTree(tree), isRefused: true);
        UseAndDeclare(static (tx, tree) => tx.BuildIndexes(tree), isRefused: true);
        UseAndDeclare(
            static (tx, tree) => tx.Read(tree, static (read, tree) => read.Open(tree).Count), isRefused: true);
    }

    [Test]
    public void Declaration_OfWhatIsNoIndex_IsRefused()
    {
        var tree = _database.GetTree("tree", KeyCodec.Int64, UserTree.UserCodec);
        tree.AddIndex("index", UserTree.Email);
        Assert.That(() => tree.AddIndex("index", UserTree.Email), Throws.ArgumentException);
        Assert.That(() => tree.AddIndex("tree", UserTree.Email), Throws.ArgumentException);
        Assert.That(() => tree.AddIndex("", UserTree.Email), Throws.ArgumentException);
        Assert.That(() => tree.AddIndex(new string('x', 2000), UserTree.Email), Throws.TypeOf<KeyTooLongException>());
        Assert.That(() => tree.AddIndex("a", (Func<long, User, string>)null!), Throws.ArgumentNullException);
        Assert.That(
            () => tree.AddIndex("a", UserTree.Email, (KeyCodec<string>)null!), Throws.ArgumentNullException);
        Assert.That(
            () => tree.AddPartialIndex("a", null!, KeyCodec.Int32), Throws.ArgumentNullException);
        Assert.That(() => tree.AddIndex("a", static (_, user) => user), Throws.TypeOf<NotSupportedException>());
        Assert.That(tree.Indexes.Select(static index => index.Name), Is.EqualTo(new[] { "index" }));
        Assert.That(tree.Indexes[0].Tree, Is.SameAs(tree));
        using var other = Database.OpenInMemory();
        Assert.That(() => UserTree.Keys(other, _users.ByEmail), Throws.ArgumentException);
        Assert.That(
            () => { using var tx = other.BeginWrite(); tx.BuildIndexes(_users.Tree); }, Throws.ArgumentException);
    }

    [Test]
    public void ListOfIndexes_ThatIsNone_LetsTheTreeBeRead_AndDropped_ButNotWritten()
    {
        using (var tx = _database.BeginWrite())
        {
            using (tx.Enter(out var context))
            {
                context.SetAttributes(_users.Tree.Untyped.Id, TreeAttributes.With(
                    context.AttributesOf(_users.Tree.Untyped.Id), TreeAttributes.Indexes, [0, 4, 200, 0, 1]));
            }

            tx.Commit();
        }

        Reopen();
        using (var read = _database.BeginRead())
        {
            Assert.That(read.Open(_users.Tree).Count, Is.EqualTo(2));
        }

        Assert.That(() => UserTree.Keys(_database, _users.ByEmail), Throws.TypeOf<DatabaseCorruptException>());
        using var last = _database.BeginWrite();
        Assert.That(() => Open(last, _users.Tree), Throws.TypeOf<DatabaseCorruptException>());
        last.DropTree("users");
        Assert.That(last.TreeExists("users"), Is.False);
    }

    [Test]
    public void List_IsReadAsItWasWritten()
    {
        IndexDefinition[] indexes = [new("b", "utf8", true), new("\uFFFF", "i32", 0), new("a\U0001F600", "x", 6)];
        var list = IndexList.AddTo([9, 0, 0, 0], indexes);
        Assert.That(IndexList.TryRead(list, out var read));
        Assert.That(read, Is.EqualTo(new[] { indexes[2], indexes[0], indexes[1] }));
        Assert.That(IndexList.AddTo(list, []), Is.EqualTo(new byte[] { 9, 0, 0, 0 }));
        Assert.That(indexes[2].ToString(), Is.EqualTo("'a\U0001F600' (x, flags 6)"));
        for (var length = 1; length < list.Length - 8; length++)
        {
            byte[] cut = [4, 0, (byte)length, 0, .. list.AsSpan(4, length)];
            Assert.That(IndexList.TryRead(cut, out var some), Is.EqualTo(some.Length is 1 or 2), $"{length} bytes");
        }
    }

    private static IndexMismatchException RequireMismatch<TKey, TValue>(WriteTransaction tx, Tree<TKey, TValue> tree) =>
        Assert.Throws<IndexMismatchException>(() => Open(tx, tree))!;

    private static void Open<TKey, TValue>(WriteTransaction tx, Tree<TKey, TValue> tree) => tx.Open(tree);

    private void UseAndDeclare(Action<WriteTransaction, Tree<long, User>> use, bool isRefused)
    {
        var tree = _database.GetTree("users", KeyCodec.Int64, UserTree.UserCodec);
        using var tx = _database.BeginWrite();
        use(tx, tree);
        Assert.That(
            () => tree.AddIndex("late", UserTree.Email),
            isRefused ? Throws.InvalidOperationException : Throws.Nothing);
    }

    private void Reopen()
    {
        _database?.Dispose();
        _database = Database.Open(_directory.DatabasePath, Defaults);
        _users = new UserTree(_database);
    }
}
