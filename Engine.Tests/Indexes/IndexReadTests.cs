using User = (string Email, string City, int Age);

namespace Engine.Tests.Indexes;

/// <summary>What is read by an index, in each of the three ways, against the same of a list.</summary>
public class IndexReadTests
{
    private static readonly (long Key, User User)[] People =
    [
        (1, ("ada@x", "Basel", 36)), (2, ("ben@x", "Aarau", 12)), (3, ("cem@x", "Basel", 12)),
        (4, ("dan@x", "Bern", 17)), (5, ("eva@x", "Ba", 5)), (6, ("fay@x", "Ba\0", 5)), (7, ("gus@x", "Basel", 12)),
        (8, ("hal@x", "", int.MaxValue)), (9, ("ida@x", "\uFFFF", int.MinValue)),
    ];

    private Database _database = null!;
    private UserTree _users = null!;

    [SetUp]
    public void Create()
    {
        _database = Database.OpenInMemory();
        _users = new UserTree(_database);
        using var tx = _database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(_users.Tree));
        foreach (var (key, user) in People)
        {
            writer.Put(key, user);
        }

        tx.Commit();
    }

    [TearDown]
    public void Remove() => _database.Dispose();

    [Test]
    public void Ranges_HaveTheBoundsThatTheySay()
    {
        (string, int) low = ("Ba\0", 5);
        (string, int) high = ("Basel", 12);
        using var read = _database.BeginRead();
        var reader = read.Open(_users.ByCity);
        Assert.That(Keys(reader.All()), Is.EqualTo(new[] { 8, 2, 5, 6, 3, 7, 1, 4, 9 }));
        Assert.That(Keys(reader.Range(low, high)), Is.EqualTo(new[] { 6 }));
        Assert.That(Keys(reader.Range(high, low)), Is.Empty);
        Assert.That(Keys(reader.From(high)), Is.EqualTo(new[] { 3, 7, 1, 4, 9 }));
        Assert.That(Keys(reader.Until(high)), Is.EqualTo(new[] { 8, 2, 5, 6 }));
        Assert.That(Keys(reader.Through(high)), Is.EqualTo(new[] { 8, 2, 5, 6, 3, 7 }));
        Assert.That(Keys(reader.Find(high)), Is.EqualTo(new[] { 3, 7 }));
        Assert.That(Keys(reader.Find(("Basel", 13))), Is.Empty);
        Assert.That(Keys(reader.Prefix("Basel")), Is.EqualTo(new[] { 3, 7, 1 }));
        Assert.That(Keys(reader.Prefix(("Ba", 7), 1)), Is.EqualTo(new[] { 5 }));
        Assert.That(Keys(reader.Prefix(high)), Is.EqualTo(new[] { 3, 7 }));
        Assert.That(Keys(reader.From(low).After(low).Before(("Basel", 36))), Is.EqualTo(new[] { 3, 7 }));
        Assert.That(Keys(reader.All().After(high, 3)), Is.EqualTo(new[] { 7, 1, 4, 9 }));
        Assert.That(Keys(reader.All().After(high, 4)), Is.EqualTo(new[] { 7, 1, 4, 9 }));
        Assert.That(Keys(reader.All().Before(high, 7)), Is.EqualTo(new[] { 8, 2, 5, 6, 3 }));
        Assert.That(Keys(reader.Find(high).Reverse()), Is.EqualTo(new[] { 7, 3 }));
        Assert.That(Keys(reader.All().Reverse().Take(3)), Is.EqualTo(new[] { 9, 4, 1 }));
        Assert.That(Keys(reader.Prefix("Basel").Take(2)), Is.EqualTo(new[] { 3, 7 }));
        Assert.That((reader.Count, reader.Prefix("Basel").Count(), reader.All().Reverse().Take(4).Count()),
            Is.EqualTo((9L, 3L, 4L)));
    }

    [Test]
    public void Bounds_BehindAllKeys_AreNone()
    {
        var tree = _database.GetTree<int, uint>("numbers");
        var byValue = tree.AddIndex("numbers.by-value", static (_, value) => value);
        using (var tx = _database.BeginWrite())
        {
            var writer = tx.Open(tx.CreateTree(tree));
            writer.Put(1, uint.MaxValue);
            writer.Put(-1, uint.MaxValue);
            writer.Put(2, 0);
            tx.Commit();
        }

        using var read = _database.BeginRead();
        var reader = read.Open(byValue);
        Assert.That(Keys(reader.Through(uint.MaxValue)), Is.EqualTo(new[] { 2, -1, 1 }));
        Assert.That(Keys(reader.Find(uint.MaxValue)), Is.EqualTo(new[] { -1, 1 }));
        Assert.That(Keys(reader.Find(uint.MaxValue).Reverse()), Is.EqualTo(new[] { 1, -1 }));
        Assert.That(Keys(reader.All().After(uint.MaxValue)), Is.Empty);
        Assert.That(Keys(reader.All().After(uint.MaxValue).Reverse()), Is.Empty);
        Assert.That(Keys(reader.All().After(0)), Is.EqualTo(new[] { -1, 1 }));
        Assert.That(Keys(reader.Until(0)), Is.Empty);
    }

    [Test]
    public void UniqueIndex_IsLookedUp()
    {
        using var read = _database.BeginRead();
        var reader = read.Open(_users.ByEmail);
        Assert.That(reader.TryGet("cem@x", out var key, out var user), Is.True);
        Assert.That((key, user), Is.EqualTo((3L, ("cem@x", "Basel", 12))));
        Assert.That(reader.TryGetKey("dan@x", out key), Is.True);
        Assert.That(key, Is.EqualTo(4));
        foreach (var absent in (string[])["", "cem@", "cem@x\0", "cem@y", "zoe"])
        {
            Assert.That(reader.TryGet(absent, out _, out _), Is.False);
            Assert.That(reader.TryGetKey(absent, out _), Is.False);
            Assert.That(reader.ContainsKey(absent), Is.False);
        }

        Assert.That(reader.ContainsKey("cem@x"));
        Assert.That(Keys(reader.Prefix("c")), Is.EqualTo(new[] { 3 }));
        Assert.That(Keys(reader.Prefix("cem@x", 1)), Is.EqualTo(new[] { 3 }));
        Assert.That(reader.TryGetFirst(out var first) && first.Key == 1 && first.IndexKey == "ada@x");
        Assert.That(reader.TryGetLast(out var last) && last.Key == 9 && last.Value.Age == int.MinValue);
        Assert.That(read.Open(_users.Minors).ContainsKey(5));
    }

    [Test]
    public void IndexThatIsNotUnique_HasNoOneAnswer()
    {
        using var snapshot = _database.OpenSnapshot();
        var view = snapshot.Open(_users.ByCity);
        Assert.That(() => view.TryGet(("Bern", 17), out _, out _), Throws.InvalidOperationException);
        Assert.That(() => view.TryGetKey(("Bern", 17), out _), Throws.InvalidOperationException);
        Assert.That(view.ContainsKey(("Bern", 17)));
    }

    [Test]
    public void Entries_HaveAllThree()
    {
        using var read = _database.BeginRead();
        foreach (var entry in read.Open(_users.Minors).All())
        {
            var (age, key, user) = entry;
            Assert.That((age, user), Is.EqualTo((user.Age, People[key - 1].User)));
            Assert.That((entry.IndexKey, entry.Key, entry.Value), Is.EqualTo((age, key, user)));
            Assert.That(entry.ValueBytes.SequenceEqual(UserTree.UserCodec.Encode(user)));
            Assert.That(entry.IndexBytes.Length, Is.EqualTo(sizeof(int) + sizeof(long)));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Views_OfSnapshotsAndTransactions_ShowTheSame(bool ofSnapshot)
    {
        using var snapshot = _database.OpenSnapshot();
        using var tx = _database.BeginWrite();
        var view = ofSnapshot ? snapshot.Open(_users.ByCity) : tx.Open(_users.ByCity);
        var email = ofSnapshot ? snapshot.Open(_users.ByEmail) : tx.Open(_users.ByEmail);
        var high = ("Basel", 12);
        Assert.That(view.Count, Is.EqualTo(9));
        Assert.That(Keys(view.All()), Is.EqualTo(new[] { 8, 2, 5, 6, 3, 7, 1, 4, 9 }));
        Assert.That(Keys(view.All(descending: true)), Is.EqualTo(new[] { 9, 4, 1, 7, 3, 6, 5, 2, 8 }));
        Assert.That(Keys(view.Range(("Ba\0", 5), high)), Is.EqualTo(new[] { 6 }));
        Assert.That(Keys(view.From(high)), Is.EqualTo(new[] { 3, 7, 1, 4, 9 }));
        Assert.That(Keys(view.Until(high)), Is.EqualTo(new[] { 8, 2, 5, 6 }));
        Assert.That(Keys(view.Through(high, descending: true)), Is.EqualTo(new[] { 7, 3, 6, 5, 2, 8 }));
        Assert.That(Keys(view.Find(high)), Is.EqualTo(new[] { 3, 7 }));
        Assert.That(Keys(view.Prefix(("Basel", 0), 1)), Is.EqualTo(new[] { 3, 7, 1 }));
        Assert.That(Keys(email.Prefix("c")), Is.EqualTo(new[] { 3 }));
        Assert.That(email.TryGet("cem@x", out var key, out var user) && key == 3 && user.City == "Basel");
        Assert.That(email.TryGet("nobody", out _, out _), Is.False);
        Assert.That(email.TryGetKey("dan@x", out key) && key == 4);
        Assert.That(email.Find("dan@x").Single(), Is.EqualTo(("dan@x", 4L, People[3].User)));
    }

    [Test]
    public void View_OfATransaction_IsReadInPieces_WhileItIsWritten()
    {
        using var tx = _database.BeginWrite();
        var writer = tx.Open(_users.Tree);
        for (var i = 100; i < 1000; i++)
        {
            writer.Put(i, ($"{i}@x", "Wil", i));
        }

        var seen = 0;
        foreach (var (_, key, user) in tx.Open(_users.ByCity).Prefix(("Wil", 0), 1))
        {
            tx.Open(_users.Tree).Put(key, (user.Email, "Zug", user.Age));
            seen++;
        }

        Assert.That(seen, Is.EqualTo(900));
        Assert.That(tx.Open(_users.ByCity).Prefix(("Zug", 0), 1, descending: true).Count(), Is.EqualTo(900));
        Assert.That(_users.Verify(tx), Is.Empty);
    }

    [Test]
    public void Keys_WithZeros_AreFoundAgain()
    {
        var tree = _database.GetTree<string, string>("texts");
        var byText = tree.AddIndex("texts.by-text", static (_, text) => text);
        using var tx = _database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(tree));
        string[] texts = ["", "\0", "\0\0", "a", "a\0", "a\0b", "ab", new string('\0', 200)];
        foreach (var key in texts)
        {
            writer.Put(key, texts[^1] == key ? key : key + "\0");
        }

        foreach (var (indexKey, key, value) in tx.Open(byText).All())
        {
            Assert.That((indexKey, value), Is.EqualTo((writer.Get(key), writer.Get(key))));
        }

        Assert.That(tx.Open(byText).Prefix("a").Select(static entry => entry.Key), Is.EqualTo(
            new[] { "a", "a\0", "a\0b", "ab" }));
        Assert.That(tx.Open(byText).Prefix("a\0").Count(), Is.EqualTo(3));
        Assert.That(tx.Read(tree, static (read, tree) => read.Open(tree).VerifyIndexes()), Is.Empty);
        Assert.That(texts.All(text => tx.Open(tree).Delete(text)));
        Assert.That(tx.Open(byText).Count, Is.Zero);
    }

    [Test]
    public void StaleEntries_AreToldWhenTheValueIsAskedFor_AndFoundByVerify()
    {
        using (var tx = _database.BeginWrite())
        {
            tx[_users.Tree.Untyped].Delete(KeyCodec.Int64.Encode(3));
            tx[_users.Tree.Untyped].Put(
                KeyCodec.Int64.Encode(1), UserTree.UserCodec.Encode(("new@x", "Basel", 36)));
            tx[_users.ByEmail.Untyped].Put([1, 2, 3], default);
            tx.Commit();
        }

        using (var read = _database.BeginRead())
        {
            var isStale = false;
            try
            {
                read.Open(_users.ByEmail).TryGet("cem@x", out _, out _);
            }
            catch (StaleIndexException e)
            {
                isStale = (e.TreeName, e.IndexName) == ("users", "users.by-email");
            }

            Assert.That(isStale);
            Assert.That(read.Open(_users.ByEmail).TryGetKey("cem@x", out var key) && key == 3);
            var findings = read.Open(_users.Tree).VerifyIndexes();
            Assert.That(
                findings.Select(static finding => $"{finding.IndexName}: {finding.Problem}"),
                Is.EqualTo(new[]
                {
                    "users.by-email: Missing", "users.by-email: Stale", "users.by-email: Stale",
                    "users.by-email: Stale", "users.by-city: Stale", "users.minors: Stale",
                }));
            Assert.That(findings[0].IndexBytes!.Value.Span.StartsWith("new@x"u8));
            Assert.That(findings[0].ToString(), Does.StartWith("users.by-email: Missing 6E6577"));
            Assert.That(read.Open(_users.Tree).VerifyIndexes(limit: 2), Has.Count.EqualTo(2));
        }

        Assert.That(
            () => { using var read = _database.BeginRead(); _ = read.Open(_users.Tree).VerifyIndexes(-1); },
            Throws.TypeOf<ArgumentOutOfRangeException>());
        using (var tx = _database.BeginWrite())
        {
            Assert.That(tx.BuildIndexes(_users.Tree), Is.Zero, "they are all there");
            Assert.That(tx.RebuildIndexes(_users.Tree), Is.EqualTo(3));
            tx.Commit();
        }

        Assert.That(_users.Verify(_database), Is.Empty);
    }

    [Test]
    public void Verify_FindsTwoEntriesOfOneKeyInAUniqueIndex()
    {
        using var tx = _database.BeginWrite();
        tx[_users.Tree.Untyped].Put(KeyCodec.Int64.Encode(50), UserTree.UserCodec.Encode(("ada@x", "Zug", 90)));
        tx[_users.ByEmail.Untyped].Put(
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int64).Encode(("ada@x", 50)), default);
        tx[_users.ByCity.Untyped].Put(
            KeyCodec.Tuple(KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32), KeyCodec.Int64).Encode((("Zug", 90), 50)),
            default);
        Assert.That(_users.Verify(tx).Single(), Does.StartWith("users.by-email: Duplicate"));
    }

    [Test]
    public void Defaults_AreRefused()
    {
        Assert.That(
            static () => default(IndexReader<int, int, int>).ContainsKey(1), Throws.InstanceOf<Exception>());
        Assert.That(static () => default(IndexRange<int, int, int>).Take(1).Count(), Throws.InstanceOf<Exception>());
        Assert.That(() => _database.BeginWrite().Dispose(), Throws.Nothing);
        IndexView<string, long, User> view;
        using (var tx = _database.BeginWrite())
        {
            view = tx.Open(_users.ByEmail);
        }

        Assert.That(() => view.Count, Throws.TypeOf<ObjectDisposedException>());
    }

    private static long[] Keys<TIndexKey>(IEnumerable<(TIndexKey IndexKey, long Key, User Value)> entries) =>
        [.. entries.Select(static entry => entry.Key)];

    private static TKey[] Keys<TIndexKey, TKey, TValue>(IndexRange<TIndexKey, TKey, TValue> range)
    {
        var keys = new List<TKey>();
        foreach (var entry in range)
        {
            keys.Add(entry.Key);
        }

        return [.. keys];
    }

    private static TKey[] Keys<TIndexKey, TKey, TValue>(ReverseIndexRange<TIndexKey, TKey, TValue> range)
    {
        var keys = new List<TKey>();
        foreach (var entry in range)
        {
            keys.Add(entry.Key);
        }

        return [.. keys];
    }
}
