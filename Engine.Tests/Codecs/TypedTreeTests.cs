using System.Runtime.InteropServices;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Codecs;

/// <summary>Trees by their keys and values.</summary>
public class TypedTreeTests
{
    private static readonly KeyCodec<Order> OrderCodec =
        KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.DateOnly, KeyCodec.Int32).As(
            static (Order order) => (order.Customer, order.Day, order.Number),
            static parts => new Order(parts.Item1, parts.Item2, parts.Item3));

    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Database.OpenInMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Entries_ThatArePut_AreReadByEveryKindOfTransaction()
    {
        var tree = _database.GetTree("points", KeyCodec.Int64, ValueCodec.Struct<Point>());
        using (var tx = _database.BeginWrite())
        {
            var points = tx.Open(tx.CreateTree(tree));
            points.Put(-1, new Point(1, 2));
            points.Put(5, new Point(3, 4));
            Assert.That(points.TryAdd(5, default), Is.False);
            Assert.That(points.TryAdd(7, default), Is.True);
            Assert.That(points.Delete(7), Is.True);
            Assert.That(points.Delete(7), Is.False);
            Assert.That(points.TryGet(5, out var written), Is.True);
            Assert.That(
                (written, points.Get(-1), points.Get(6)),
                Is.EqualTo((new Point(3, 4), new Point(1, 2), default(Point))));
            Assert.That((points.ContainsKey(5), points.ContainsKey(6), points.Count), Is.EqualTo((true, false, 2L)));
            tx.Commit();
        }

        using var read = _database.BeginRead();
        var reader = read.Open(tree);
        Assert.That(reader.TryGet(-1, out var found), Is.True);
        Assert.That(found, Is.EqualTo(new Point(1, 2)));
        Assert.That(reader.TryGet(0, out _), Is.False);
        Assert.That((reader.Get(5), reader.Count, reader.ContainsKey(5)), Is.EqualTo((new Point(3, 4), 2L, true)));
        Assert.That(reader.TryGetBytes(5, out var bytes) && bytes.Length == 16, Is.True);
        using var snapshot = _database.OpenSnapshot();
        var copy = snapshot.Open(tree);
        Assert.That((copy.Get(5), copy.Count, copy.ContainsKey(4)), Is.EqualTo((new Point(3, 4), 2L, false)));
        Assert.That(copy.All().Select(static entry => entry.Key), Is.EqualTo(new[] { -1L, 5L }));
        Assert.That(
            copy.From(0).Concat(copy.Until(0)).Select(static entry => entry.Key), Is.EqualTo(new[] { 5L, -1L }));
        Assert.That(copy.Range(-1, 5).Single().Value, Is.EqualTo(new Point(1, 2)));
        Assert.That(copy == snapshot.Open(tree) && copy.Equals((object)snapshot.Open(tree)));
    }

    [Test]
    public void Ranges_OfNumbers_HaveTheBoundsThatTheySay()
    {
        var tree = Numbers(-100, 100);
        using var read = _database.BeginRead();
        var numbers = read.Open(tree);
        Assert.That(Keys(numbers.All()), Is.EqualTo(Enumerable.Range(-100, 201)));
        Assert.That(Keys(numbers.Range(-3, 2)), Is.EqualTo(new[] { -3, -2, -1, 0, 1 }));
        Assert.That(
            Keys(numbers.Range(-3, 2).After(-3).Through(2)), Is.EqualTo(new[] { -2, -1, 0, 1 }), "it ends before 2");
        Assert.That(Keys(numbers.From(-3).Through(2)), Is.EqualTo(new[] { -3, -2, -1, 0, 1, 2 }));
        Assert.That(Keys(numbers.From(-3).After(-2).Before(2)), Is.EqualTo(new[] { -1, 0, 1 }));
        Assert.That(Keys(numbers.From(-3).After(-5).Before(-1)), Is.EqualTo(new[] { -3, -2 }), "After never widens");
        Assert.That(Keys(numbers.Until(-98)), Is.EqualTo(new[] { -100, -99 }));
        Assert.That(Keys(numbers.Through(-98)), Is.EqualTo(new[] { -100, -99, -98 }));
        Assert.That(Keys(numbers.Through(0).Through(-99)), Is.EqualTo(new[] { -100, -99 }));
        Assert.That(Keys(numbers.From(98).Take(2)), Is.EqualTo(new[] { 98, 99 }));
        Assert.That(numbers.Range(5, 5).Count() + numbers.Range(6, 5).Count(), Is.Zero);
        Assert.That(numbers.From(-7).Count(), Is.EqualTo(108));
        Assert.That(numbers.From(-7).Take(3).Count(), Is.EqualTo(3));
        Assert.That(Keys(numbers.From(-2).Through(1).Reverse()), Is.EqualTo(new[] { 1, 0, -1, -2 }));
        Assert.That(Keys(numbers.All().After(97).Reverse()), Is.EqualTo(new[] { 100, 99, 98 }));
        Assert.That(Keys(numbers.All().Before(-97).Reverse().Take(2)), Is.EqualTo(new[] { -98, -99 }));
        Assert.That(numbers.All().Reverse().Count(), Is.EqualTo(201));
        Assert.That(() => Reversed(tree), Throws.InvalidOperationException, "Take comes last");

        void Reversed(Tree<int, int> tree)
        {
            using var again = _database.BeginRead();
            _ = again.Open(tree).All().Take(1).Reverse();
        }
    }

    [Test]
    public void Neighbours_OfANumber_AreFound()
    {
        var tree = Numbers(-2, 2);
        using var read = _database.BeginRead();
        var numbers = read.Open(tree);
        Assert.That(numbers.TryGetFirst(out var entry) ? entry.Key : 0, Is.EqualTo(-2));
        Assert.That(numbers.TryGetLast(out entry) ? entry.Value : 0, Is.EqualTo(20));
        Assert.That(numbers.TryGetFloor(0, out entry) ? entry.Key : 9, Is.Zero);
        Assert.That(numbers.TryGetCeiling(-9, out entry) ? entry.Key : 9, Is.EqualTo(-2));
        Assert.That(numbers.TryGetLower(0, out entry) ? entry.Key : 9, Is.EqualTo(-1));
        Assert.That(numbers.TryGetHigher(0, out entry) ? entry.Key : 9, Is.EqualTo(1));
        Assert.That(numbers.TryGetHigher(2, out _) || numbers.TryGetLower(-2, out _), Is.False);
        numbers.TryGetFloor(1, out entry);
        Assert.That(entry.KeyBytes.SequenceEqual(KeyCodec.Int32.Encode(1)));
        Assert.That(entry.ValueBytes.SequenceEqual(KeyCodec.Int32.Encode(10)));
    }

    [Test]
    public void Enumerator_GivesTheKeyAlone()
    {
        var tree = Numbers(1, 3);
        using var read = _database.BeginRead();
        var entries = read.Open(tree).All().GetEnumerator();
        var sum = 0;
        while (entries.MoveNext())
        {
            sum += entries.CurrentKey;
        }

        Assert.That(sum, Is.EqualTo(6));
    }

    [Test]
    public void Prefixes_OfStrings_AreThoseOfTheirCharacters()
    {
        var tree = _database.GetTree<string, int>("names");
        using (var tx = _database.BeginWrite())
        {
            var names = tx.Open(tx.CreateTree(tree));
            foreach (var name in new[] { "", "ab", "a", "abc", "ac", "ü", "\uFFFD", "\U0001F600" })
            {
                names.Put(name, name.Length);
            }

            tx.Commit();
        }

        using var read = _database.BeginRead();
        var reader = read.Open(tree);
        Assert.That(Keys(reader.Prefix("ab")), Is.EqualTo(new[] { "ab", "abc" }));
        Assert.That(Keys(reader.Prefix("ab").Reverse()), Is.EqualTo(new[] { "abc", "ab" }));
        Assert.That(
            Keys(reader.All()), Is.EqualTo(new[] { "", "a", "ab", "abc", "ac", "ü", "\uFFFD", "\U0001F600" }));
        Assert.That(reader.TryGet("", out var empty) && empty == 0);
    }

    [Test]
    public void FirstParts_OfTuples_AreRanges()
    {
        var tree = _database.GetTree("t", KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32, KeyCodec.Utf8), KeyCodec.Byte);
        using var tx = _database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(tree));
        string[] names = ["", "a", "a\0", "ab", "b"];
        foreach (var name in names)
        {
            for (var i = -1; i <= 1; i++)
            {
                writer.Put((name, i, "x"), 1);
                writer.Put((name, i, "\0"), 2);
            }
        }

        var counts = tx.Read(tree, static (read, tree) =>
        {
            var reader = read.Open(tree);
            long Of(TreeRange<(string, int, string), byte> range, Func<(string, int, string), bool> isMeant)
            {
                long count = 0;
                foreach (var (key, _) in range)
                {
                    count += isMeant(key) ? 1 : 100;
                }

                return count;
            }

            return (
                Of(reader.Prefix("a"), static key => key.Item1 == "a"),
                Of(reader.Prefix("a", -1), static key => key.Item1 == "a" && key.Item2 == -1),
                Of(reader.Prefix(("", 0, null!), 2), static key => key.Item1.Length == 0 && key.Item2 == 0),
                Of(reader.Prefix(("ab", 1, "x"), 3), static key => key == ("ab", 1, "x")));
        });
        Assert.That(counts, Is.EqualTo((6L, 2L, 2L, 1L)));
        Assert.That(writer.DeletePrefix("a", 0), Is.EqualTo(2));
        Assert.That(writer.DeletePrefix("a"), Is.EqualTo(4));
        Assert.That(writer.DeletePrefix(("a\0", 0, null!), 1), Is.EqualTo(6));
        Assert.That(writer.Count, Is.EqualTo(18));
    }

    [TestCase(0)]
    [TestCase(3)]
    public void Prefix_OfMorePartsThanThereAre_IsRefused(int parts)
    {
        var tree = _database.GetTree("t", KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32), KeyCodec.Byte);
        using var tx = _database.BeginWrite();
        tx.CreateTree(tree);
        Assert.That(
            () => tx.Open(tree).DeletePrefix(("a", 1), parts), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void KeysOfAnOwnType_MadeOfParts_AreOrderedByThem()
    {
        var tree = _database.GetTree("orders", OrderCodec, ValueCodec.Default<decimal>());
        var day = new DateOnly(2024, 2, 29);
        using (var tx = _database.BeginWrite())
        {
            var orders = tx.Open(tx.CreateTree(tree));
            orders.Put(new Order("bob", day, 1), 1.50m);
            orders.Put(new Order("ada", day.AddDays(1), 1), 2.50m);
            orders.Put(new Order("ada", day, 2), 3.50m);
            orders.Put(new Order("ada", day, -1), 4.50m);
            tx.Commit();
        }

        using var snapshot = _database.OpenSnapshot();
        var all = snapshot.Open(tree);
        Assert.That(
            all.All().Select(static entry => entry.Value), Is.EqualTo(new[] { 4.50m, 3.50m, 2.50m, 1.50m }));
        Assert.That(
            all.Prefix(new Order("ada", day, 0), 2).Select(static entry => entry.Key.Number),
            Is.EqualTo(new[] { -1, 2 }));
        Assert.That(all.Prefix(new Order("ada", day, 2)).Count(), Is.EqualTo(1));
    }

    [Test]
    public void OwnCodec_MadeOfPartsByHand_Works()
    {
        var codec = KeyCodec.Of<Order, HandMadeCodec>();
        var key = new Order("a\0", new DateOnly(2000, 1, 1), 7);
        Assert.That(codec.Decode(codec.Encode(key)), Is.EqualTo(key));
        Assert.That(codec.Encode(key), Is.EqualTo(OrderCodec.Encode(key)));
        var nested = KeyCodec.Tuple(codec, KeyCodec.Utf8);
        Assert.That(nested.Decode(nested.Encode((key, "x"))), Is.EqualTo((key, "x")));
    }

    [Test]
    public void LongKeysAndValues_AreEncodedElsewhereThanOnTheStack()
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { PageSize = 65536 });
        var tree = database.GetTree("long", KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Bytes), KeyCodec.Utf8);
        var keys = Enumerable.Range(0, 50)
            .Select(
                static i => (new string((char)('a' + (i % 5)), 40 * i), Enumerable.Repeat((byte)0, 7 * i).ToArray()))
            .ToList();
        using var tx = database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(tree));
        foreach (var key in keys)
        {
            writer.Put(key, key.Item1 + key.Item2.Length);
        }

        foreach (var key in keys)
        {
            Assert.That(writer.Get(key), Is.EqualTo(key.Item1 + key.Item2.Length));
            Assert.That(
                tx.Read((tree, key), static (read, at) => read.Open(at.tree).Get(at.key)),
                Is.EqualTo(writer.Get(key)));
            Assert.That(
                tx.Read((tree, key), static (read, at) => read.Open(at.tree).From(at.key).Through(at.key).Count()),
                Is.EqualTo(1));
        }
    }

    [Test]
    public void KeyThatIsTooLong_IsRefused_AndNotFound()
    {
        var tree = _database.GetTree<string, int>("t");
        var key = new string('k', _database.MaxKeyLength + 1);
        using var tx = _database.BeginWrite();
        tx.CreateTree(tree);
        Assert.That(() => tx.Open(tree).Put(key, 1), Throws.TypeOf<KeyTooLongException>());
        Assert.That(tx.Open(tree).ContainsKey(key), Is.False);
        tx.Open(tree).Put(key[1..], 1);
        Assert.That(tx.Open(tree).Get(key[1..]), Is.EqualTo(1));
    }

    [Test]
    public void Load_OfUnsortedEntries_PutsAll()
    {
        var tree = _database.GetTree<int, string>("t");
        using var tx = _database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(tree));
        var entries = Enumerable.Range(-5000, 10_000).Reverse().Select(static i => KeyValuePair.Create(i, $"{i}"));
        Assert.That(writer.Load(entries), Is.EqualTo(10_000));
        Assert.That((writer.Get(-5000), writer.Get(4999), writer.Count), Is.EqualTo(("-5000", "4999", 10_000L)));
        Assert.That(writer.DeleteRange(-10, 10), Is.EqualTo(20));
        Assert.That(writer.DeleteFrom(0), Is.EqualTo(4990));
        Assert.That(writer.Clear(), Is.EqualTo(4990));
    }

    [Test]
    public void Value_ThatHasNoEncoding_ChangesNothing()
    {
        var tree = _database.GetTree<int, string>("t");
        using var tx = _database.BeginWrite();
        tx.CreateTree(tree);
        Assert.That(() => tx.Open(tree).Put(1, "\uD800"), Throws.ArgumentException);
        Assert.That(() => tx.Open(tree).TryAdd(1, null!), Throws.ArgumentNullException);
        Assert.That(tx.Open(tree).Count, Is.Zero);
        tx.Open(tree).Put(1, "a");
        tx.Commit();
    }

    [Test]
    public void Value_OfAnotherLength_IsAnErrorWhenItIsRead()
    {
        var tree = _database.GetTree<int, long>("t");
        using var tx = _database.BeginWrite();
        tx.CreateTree(tree);
        tx[tree.Untyped].Put(KeyCodec.Int32.Encode(1), [1, 2, 3]);
        tx[tree.Untyped].Put([1], KeyCodec.Int64.Encode(1));
        Assert.That(() => tx.Open(tree).Get(1), Throws.TypeOf<InvalidEncodingException>());
        Assert.That(
            () => tx.Read(tree, static (read, tree) => read.Open(tree).TryGetFirst(out var entry) ? entry.Key : 0),
            Throws.TypeOf<InvalidEncodingException>());
        Assert.That(tx.Open(tree).ContainsKey(1));
    }

    [Test]
    public void Serializer_ThatUsesAnotherTree_MayDoSo()
    {
        var inner = _database.GetTree<int, string>("inner");
        var tx = _database.BeginWrite();
        tx.CreateTree(inner);
        var outer = _database.GetTree(
            "outer",
            KeyCodec.Int32,
            ValueCodec.Serialized<string>(
                "interned",
                (writer, text) =>
                {
                    tx.Open(inner).Put(text.Length, new string('v', 2000));
                    System.Buffers.BuffersExtensions.Write(writer, KeyCodec.Utf8.Encode(text));
                },
                bytes => KeyCodec.Utf8.Decode(bytes) + tx.Open(inner).Get(bytes.Length)!.Length));
        tx.Open(tx.CreateTree(outer)).Put(1, "abc");
        Assert.That(tx.Open(outer).Get(1), Is.EqualTo("abc2000"));
        tx.Dispose();
    }

    [Test]
    public void Defaults_AreRefused()
    {
        Assert.That(static () => default(TreeReader<int, int>).Get(1), Throws.InvalidOperationException);
        Assert.That(static () => default(TreeReader<string, int>).Get(""), Throws.InvalidOperationException);
        Assert.That(static () => default(TreeReader<int, int>).All().Count(), Throws.InvalidOperationException);
        Assert.That(static () => default(TreeRange<int, int>).After(1).Count(), Throws.InvalidOperationException);
        Assert.That(static () => default(TreeRange<int, int>).Count(), Throws.InvalidOperationException);
        Assert.That(static () => default(ReverseTreeRange<int, int>).Count(), Throws.InvalidOperationException);
        Assert.That(static () => default(TreeWriter<int, int>).Put(1, 1), Throws.InvalidOperationException);
        Assert.That(static () => default(SnapshotTree<int, int>).Get(1), Throws.InvalidOperationException);
    }

    [Test]
    public void Reader_OfADatabaseThatWasClosed_Throws()
    {
        var tree = Numbers(1, 1);
        using var read = _database.BeginRead();
        var reader = read.Open(tree);
        var range = reader.From(1);
        Assert.That(reader.Get(1), Is.EqualTo(10));
        _database.Dispose();
        var refused = 0;
        try
        {
            _ = reader.Get(1);
        }
        catch (ObjectDisposedException)
        {
            refused++;
        }

        try
        {
            _ = range.Count();
        }
        catch (ObjectDisposedException)
        {
            refused++;
        }

        Assert.That(refused, Is.EqualTo(2));
    }

    private static List<T> Keys<T, TValue>(TreeRange<T, TValue> range)
    {
        var keys = new List<T>();
        foreach (var (key, _) in range)
        {
            keys.Add(key);
        }

        return keys;
    }

    private static List<T> Keys<T, TValue>(ReverseTreeRange<T, TValue> range)
    {
        var keys = new List<T>();
        foreach (var entry in range)
        {
            keys.Add(entry.Key);
        }

        return keys;
    }

    private Tree<int, int> Numbers(int first, int last)
    {
        var tree = _database.GetTree<int, int>("numbers");
        using var tx = _database.BeginWrite();
        var numbers = tx.Open(tx.CreateTree(tree));
        for (var i = first; i <= last; i++)
        {
            numbers.Put(i, 10 * i);
        }

        tx.Commit();
        return tree;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Point(double X, double Y);

    private sealed record Order(string Customer, DateOnly Day, int Number);

    /// <summary>What a user writes who wants no functions called between the key and its bytes.</summary>
    private readonly struct HandMadeCodec : IKeyCodec<Order>
    {
        public static string Name => "(utf8,date,i32)";

        public static bool IsPrefixFree => true;

        public static int GetMaxLength(Order value) =>
            KeyPart<string, Utf8Codec>.GetMaxLength(value.Customer) + sizeof(int) + sizeof(int);

        public static int Write(Order value, Span<byte> destination)
        {
            var length = KeyPart<string, Utf8Codec>.Write(value.Customer, destination);
            length += KeyPart<DateOnly, DateOnlyCodec>.Write(value.Day, destination[length..]);
            return length + KeyPart<int, IntegerCodec<int>>.Write(value.Number, destination[length..]);
        }

        public static Order Read(ReadOnlySpan<byte> source, out int length)
        {
            var customer = KeyPart<string, Utf8Codec>.Read(source, out length);
            var day = KeyPart<DateOnly, DateOnlyCodec>.Read(source[length..], out var read);
            length += read;
            var number = KeyPart<int, IntegerCodec<int>>.Read(source[length..], out read);
            length += read;
            return new Order(customer, day, number);
        }
    }
}
