using User = (string Email, string City, int Age);

namespace Engine.Tests.Indexes;

/// <summary>Every member of a typed writer keeps the indexes, or changes nothing.</summary>
public class IndexWriteTests
{
    private Database _database = null!;
    private UserTree _users = null!;

    [SetUp]
    public void Create()
    {
        _database = Database.OpenInMemory();
        _users = new UserTree(_database);
        using var tx = _database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(_users.Tree));
        writer.Put(1, ("ada@x", "Basel", 36));
        writer.Put(2, ("ben@x", "Aarau", 12));
        writer.Put(3, ("cem@x", "Basel", 12));
        writer.Put(4, ("dan@x", "Bern", 17));
        tx.Commit();
    }

    [TearDown]
    public void Remove() => _database.Dispose();

    [Test]
    public void Put_KeepsAllIndexes()
    {
        RequireKeys(email: [1, 2, 3, 4], city: [2, 3, 1, 4], minors: [2, 3, 4]);
        Write(static (tx, users) =>
        {
            tx.Open(users.Tree).Put(2, ("zoe@x", "Zug", 18));
            tx.Open(users.Tree).Put(5, ("eva@x", "Aarau", 3));
        });
        RequireKeys(email: [1, 3, 4, 5, 2], city: [5, 3, 1, 4, 2], minors: [5, 3, 4]);
    }

    [Test]
    public void Put_OfTheSameKeysOfIndexes_WritesNothingToThem()
    {
        using var tx = _database.BeginWrite();
        var before = Changes(tx);
        tx.Open(_users.Tree).Put(1, ("ada@x", "Basel", 36));
        Assert.That(Changes(tx), Is.EqualTo(before));
        tx.Open(_users.Tree).Put(1, ("ada@x", "Basel", 37));
        Assert.That(
            Changes(tx).Zip(before, static (now, before) => now != before),
            Is.EqualTo(new[] { false, true, false }),
            "only the index by city and age has another key");
        Assert.That(_users.Verify(tx), Is.Empty);
    }

    [Test]
    public void TryAdd_OfAKeyThatIsThere_ChangesNothing()
    {
        Write(static (tx, users) =>
        {
            var writer = tx.Open(users.Tree);
            Assert.That(writer.TryAdd(1, ("other@x", "Chur", 1)), Is.False);
            Assert.That(writer.TryAdd(1, ("ben@x", "Chur", 1)), Is.False, "not even that the index is unique");
            Assert.That(writer.TryAdd(9, ("other@x", "Chur", 1)), Is.True);
            RequireDuplicate(tx, users, 10, "other@x", isAdd: true);
        });
        RequireKeys(email: [1, 2, 3, 4, 9], city: [2, 3, 1, 4, 9], minors: [9, 2, 3, 4]);
    }

    [Test]
    public void Delete_KeepsAllIndexes()
    {
        Write(static (tx, users) =>
        {
            var writer = tx.Open(users.Tree);
            Assert.That((writer.Delete(3), writer.Delete(3), writer.Delete(99)), Is.EqualTo((true, false, false)));
        });
        RequireKeys(email: [1, 2, 4], city: [2, 1, 4], minors: [2, 4]);
    }

    [Test]
    public void Ranges_ThatAreDeleted_GoFromTheIndexes()
    {
        Write(static (tx, users) => Assert.That(tx.Open(users.Tree).DeleteRange(2, 4), Is.EqualTo(2)));
        RequireKeys(email: [1, 4], city: [1, 4], minors: [4]);
        Write(static (tx, users) => Assert.That(tx.Open(users.Tree).DeleteRange(4, 2), Is.Zero));
        Write(static (tx, users) => Assert.That(tx.Open(users.Tree).DeletePrefix(1), Is.EqualTo(1)));
        RequireKeys(email: [4], city: [4], minors: [4]);
        Write(static (tx, users) => Assert.That(tx.Open(users.Tree).DeleteFrom(0), Is.EqualTo(1)));
        RequireKeys(email: [], city: [], minors: []);
    }

    [Test]
    public void PrefixesOfParts_ThatAreDeleted_GoFromTheIndexes()
    {
        var tree = _database.GetTree("pairs", KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32), ValueCodec.Default<int>());
        var byValue = tree.AddIndex("pairs.by-value", static (_, value) => value);
        using var tx = _database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(tree));
        for (var i = 0; i < 30; i++)
        {
            writer.Put((i % 3 == 0 ? "a" : "a\0b", i), -i);
        }

        Assert.That(writer.DeletePrefix("a"), Is.EqualTo(10));
        Assert.That(writer.DeletePrefix(("a\0b", 1), 2), Is.EqualTo(1));
        Assert.That(tx.Open(byValue).All().Select(static entry => entry.Key.Item2), Is.EqualTo(
            Enumerable.Range(2, 28).Where(static i => i % 3 != 0).Reverse()));
        Assert.That(tx.Read(tree, static (read, tree) => read.Open(tree).VerifyIndexes()), Is.Empty);
    }

    [Test]
    public void Clear_EmptiesTheIndexes()
    {
        Write(static (tx, users) => Assert.That(tx.Open(users.Tree).Clear(), Is.EqualTo(4)));
        RequireKeys(email: [], city: [], minors: []);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Load_KeepsTheIndexes(bool isEmpty)
    {
        Write((tx, users) =>
        {
            var writer = tx.Open(users.Tree);
            if (isEmpty)
            {
                writer.Clear();
            }

            var entries = new[] { (4L, "x@x"), (3L, "y@x"), (7L, "b@x"), (4L, "a@x") }.Select(
                static entry => KeyValuePair.Create<long, User>(entry.Item1, (entry.Item2, "Olten", (int)entry.Item1)));
            Assert.That(writer.Load(entries), Is.EqualTo(4));
        });
        RequireKeys(
            email: isEmpty ? [4, 7, 3] : [4, 1, 7, 2, 3],
            city: isEmpty ? [3, 4, 7] : [2, 1, 3, 4, 7],
            minors: isEmpty ? [3, 4, 7] : [3, 4, 7, 2]);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Load_ThatFails_LeavesATransactionThatCanOnlyBeAborted(bool isEmpty)
    {
        using (var tx = _database.BeginWrite())
        {
            if (isEmpty)
            {
                tx.Open(_users.Tree).Clear();
            }

            var before = tx.Savepoint();
            var entries = new KeyValuePair<long, User>[] { new(7, ("x@x", "", 1)), new(8, ("x@x", "", 1)) };
            Assert.That(() => tx.Open(_users.Tree).Load(entries), Throws.TypeOf<UniqueIndexException>());
            Assert.That(() => tx.Open(_users.Tree).Put(9, default), Throws.InvalidOperationException);
            tx.RollBackTo(before);
            Assert.That(_users.Verify(tx), Is.Empty);
            Assert.That(() => tx.Open(_users.Tree).Load(Endless(tx)), Throws.InvalidOperationException);
        }

        RequireKeys(email: [1, 2, 3, 4], city: [2, 3, 1, 4], minors: [2, 3, 4]);
    }

    [Test]
    public void UniqueIndex_RefusesASecondEntry_AndNothingHasChanged()
    {
        Write(static (tx, users) =>
        {
            var refusal = RequireDuplicate(tx, users, 3, "ben@x");
            Assert.That((refusal.TreeName, refusal.IndexName), Is.EqualTo(("users", "users.by-email")));
            RequireDuplicate(tx, users, 77, "ben@x");
            Assert.That(tx.Open(users.Tree).Get(3).Email, Is.EqualTo("cem@x"));
            tx.Open(users.Tree).Put(2, ("bob@x", "Aarau", 12));
            tx.Open(users.Tree).Put(3, ("ben@x", "Basel", 12));
        });
        RequireKeys(email: [1, 3, 2, 4], city: [2, 3, 1, 4], minors: [2, 3, 4]);
    }

    [Test]
    public void UniqueIndex_TellsKeysApart_OfWhichOneIsTheBeginningOfTheOther()
    {
        Write(static (tx, users) =>
        {
            var writer = tx.Open(users.Tree);
            foreach (var email in (string[])["", "\0", "a", "ad", "ada@x\0", "ada@"])
            {
                writer.Put(100 + email.Length + (email.Contains('\0') ? 50 : 0), (email, "", 99));
            }
        });
        Assert.That(UserTree.Keys(_database, _users.ByEmail), Has.Length.EqualTo(10));
    }

    [Test]
    public void SelectorThatThrows_ChangesNothing()
    {
        Write(static (tx, users) =>
        {
            users.Selecting = static user => user.City == "Basel"
                ? throw new InvalidDataException("no such city") : (user.City, user.Age);
            RequireRefused(() => tx.Open(users.Tree).Put(1, ("new@x", "Chur", 1)), "what it has been");
            RequireRefused(() => tx.Open(users.Tree).Put(2, ("new@x", "Basel", 1)), "what it will be");
            RequireRefused(() => tx.Open(users.Tree).TryAdd(20, ("new@x", "Basel", 1)), "what it will be");
            RequireRefused(() => tx.Open(users.Tree).Delete(1), "delete");
            RequireRefused(() => tx.Open(users.Tree).DeleteRange(0, 9), "delete range");
            RequireRefused(() => tx.RebuildIndexes(users.Tree), "rebuild");
            users.Selecting = null;
            Assert.That(users.Verify(tx), Is.Empty);
            tx.Open(users.Tree).Put(1, ("new@x", "Chur", 1));
        });
        RequireKeys(email: [2, 3, 4, 1], city: [2, 3, 4, 1], minors: [1, 2, 3, 4]);
    }

    [Test]
    public void SelectorThatWritesToTheTree_IsRefused_WhereThatWouldTearAnEntryApart()
    {
        using var tx = _database.BeginWrite();
        _users.Selecting = user =>
        {
            _users.Selecting = null;
            tx.Open(_users.Tree).Put(1, ("nested@x", "Chur", 50));
            return (user.City, user.Age);
        };
        tx.Open(_users.Tree).Put(1, ("outer@x", "Chur", 51));
        Assert.That(tx.Open(_users.Tree).Get(1).Email, Is.EqualTo("outer@x"), "before the tree is looked at it may");
        Assert.That(_users.Verify(tx), Is.Empty);
        _users.Selecting = user =>
        {
            _users.Selecting = null;
            tx.Open(_users.Tree).Put(1, ("nested@x", "Chur", 50));
            return (user.City, user.Age);
        };
        Assert.That(() => tx.Open(_users.Tree).Delete(1), Throws.InvalidOperationException);
        _users.Selecting = null;
        Assert.That(_users.Verify(tx), Is.Empty);
        tx.Commit();
    }

    [Test]
    public void SelectorThatDropsAnIndex_IsToldSo_AndNothingIsWritten()
    {
        using var tx = _database.BeginWrite();
        _users.Selecting = user =>
        {
            tx.DropTree("users.by-email");
            return (user.City, user.Age);
        };
        Assert.That(
            () => tx.Open(_users.Tree).Put(8, ("new@x", "Chur", 1)), Throws.TypeOf<IndexMismatchException>());
        _users.Selecting = null;
        Assert.That(tx[_users.Tree.Untyped].Count, Is.EqualTo(4));
        Assert.That(tx[_users.Minors.Untyped].Count, Is.EqualTo(3));
    }

    [Test]
    public void KeyThatIsTooLong_TogetherWithTheTrees_ChangesNothing()
    {
        Write(static (tx, users) =>
        {
            var longest = new string('x', 1024 - sizeof(long) - 2);
            Assert.That(
                () => tx.Open(users.Tree).Put(1, (longest + "x", "Chur", 1)), Throws.TypeOf<KeyTooLongException>());
            Assert.That(
                () => tx.Open(users.Tree).TryAdd(11, (longest + "x", "Chur", 1)), Throws.TypeOf<KeyTooLongException>());
            Assert.That(
                () => tx.Open(users.Tree).Put(1, (null!, "Chur", 1)), Throws.InstanceOf<ArgumentException>());
            Assert.That(tx.Open(users.Tree).Get(1).City, Is.EqualTo("Basel"));
            tx.Open(users.Tree).Put(1, (longest, "Chur", 1));
            Assert.That(tx.Open(users.ByEmail).ContainsKey(longest));
            Assert.That(tx.Open(users.ByEmail).Range(longest, longest + "y").Single().Key, Is.EqualTo(1));
        });
        RequireKeys(email: [2, 3, 4, 1], city: [2, 3, 4, 1], minors: [1, 2, 3, 4]);
    }

    [Test]
    public void Savepoints_AndNestedTransactions_RollIndexesBack()
    {
        using (var tx = _database.BeginWrite())
        {
            var writer = tx.Open(_users.Tree);
            writer.Put(5, ("eva@x", "Aarau", 3));
            var savepoint = tx.Savepoint();
            writer.Put(1, ("zoe@x", "Zug", 5));
            writer.DeleteFrom(3);
            tx.RollBackTo(savepoint);
            Assert.That(_users.Verify(tx), Is.Empty);
            using (var nested = tx.BeginNested())
            {
                nested.Open(_users.Tree).Clear();
                Assert.That(UserTree.Keys(nested, _users.ByCity), Is.Empty);
            }

            Assert.That(UserTree.Keys(tx, _users.ByCity), Is.EqualTo(new[] { 5, 2, 3, 1, 4 }));
            tx.Commit();
        }

        using (var tx = _database.BeginWrite())
        {
            tx.Open(_users.Tree).Clear();
        }

        RequireKeys(email: [1, 2, 3, 4, 5], city: [5, 2, 3, 1, 4], minors: [5, 2, 3, 4]);
    }

    [Test]
    public void Writing_WithinACallbackThatReads_IsRefused()
    {
        using var tx = _database.BeginWrite();
        tx.Read((tx, _users), static (_, state) =>
        {
            var (tx, users) = state;
            Assert.That(() => tx.Open(users.Tree).Put(1, default), Throws.InstanceOf<Exception>());
            Assert.That(() => tx.Open(users.Tree).Delete(1), Throws.InvalidOperationException);
            Assert.That(() => tx.Open(users.Tree).DeleteFrom(1), Throws.InvalidOperationException);
            return true;
        });
        Assert.That(_users.Verify(tx), Is.Empty);
    }

    [Test]
    public void LargeTransactions_ThatAreSpilled_KeepTheIndexes()
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { TransactionMemory = 1 << 20 });
        var users = new UserTree(database);
        using (var tx = database.BeginWrite())
        {
            var writer = tx.Open(tx.CreateTree(users.Tree));
            for (var i = 0; i < 20_000; i++)
            {
                writer.Put(i, ($"{i * 7919L % 20_000}@x", $"city {i % 100}", i % 90));
            }

            for (var i = 0; i < 20_000; i += 3)
            {
                writer.Put(i, ($"{i}@y", $"city {i % 99}", i % 89));
            }

            Assert.That(writer.DeleteRange(5000, 15_000), Is.EqualTo(10_000));
            tx.Commit();
        }

        Assert.That(users.Verify(database), Is.Empty);
        Assert.That(UserTree.Keys(database, users.ByEmail), Has.Length.EqualTo(10_000));
    }

    private static IEnumerable<KeyValuePair<long, User>> Endless(WriteTransaction tx)
    {
        yield return new(50, ("fifty@x", "", 1));
        tx.Commit();
    }

    private static void RequireRefused(Action write, string what) =>
        Assert.That(() => write(), Throws.TypeOf<InvalidDataException>(), what);

    private static UniqueIndexException RequireDuplicate(
        WriteTransaction tx, UserTree users, long key, string email, bool isAdd = false) =>
        Assert.Throws<UniqueIndexException>(() =>
        {
            if (isAdd)
            {
                tx.Open(users.Tree).TryAdd(key, (email, "Genf", 1));
            }
            else
            {
                tx.Open(users.Tree).Put(key, (email, "Genf", 1));
            }
        })!;

    private long[] Changes(WriteTransaction tx)
    {
        using var entered = tx.Enter(out var context);
        return [.. _users.Tree.Indexes.Select(index => context.VersionOf(index.Untyped.Id).Changes)];
    }

    private void Write(Action<WriteTransaction, UserTree> write)
    {
        using var tx = _database.BeginWrite();
        write(tx, _users);
        Assert.That(_users.Verify(tx), Is.Empty);
        tx.Commit();
    }

    private void RequireKeys(long[] email, long[] city, long[] minors)
    {
        Assert.That(UserTree.Keys(_database, _users.ByEmail), Is.EqualTo(email));
        Assert.That(UserTree.Keys(_database, _users.ByCity), Is.EqualTo(city));
        Assert.That(UserTree.Keys(_database, _users.Minors), Is.EqualTo(minors));
        Assert.That(_users.Verify(_database), Is.Empty);
        Assert.That(_database.Check().IsOk);
    }
}
