using Engine.Tests.Infrastructure;

namespace Engine.Tests.Trees;

/// <summary>Multi-valued trees against a sorted set of pairs, with keys of one length and of any.</summary>
[TestFixture(0, TreeOptions.None)]
[TestFixture(0, TreeOptions.Counted)]
[TestFixture(2, TreeOptions.None)]
[TestFixture(2, TreeOptions.Counted)]
public class MultiTreeTests(int keySize, TreeOptions options)
{
    private const int PageSize = 256;

    private static readonly byte[][] Values =
    [
        [], [0], [0, 0], [0, 255], [1], [255], [255, 255], [1, 0],
        .. Enumerable.Range(2, 60).Select(i => new[] { (byte)i }),
    ];

    private TempDirectory _directory = null!;
    private Database _database = null!;
    private MultiTree _tree = null!;
    private byte[][] _keys = null!;

    private bool IsCounted => options == TreeOptions.Counted;

    [SetUp]
    public void Create()
    {
        _keys = keySize == 0
            ? [[], [0], [0, 0], [0, 255], [1], [1, 0], [1, 0, 0, 2], [1, 255], [97], [97, 98], [255], [255, 255]]
            : [[0, 0], [0, 1], [0, 255], [1, 0], [1, 1], [97, 98], [255, 0], [255, 255]];
        _directory = new TempDirectory();
        _database = Database.Open(
            _directory.DatabasePath, new DatabaseOptions { PageSize = PageSize, AllowTestPageSizes = true });
        using var transaction = _database.BeginWrite();
        _tree = transaction.CreateMultiTree("pairs", options, keySize);
        transaction.Commit();
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [TestCase(1)]
    public void EveryMember_WhateverWasDone_SaysWhatASortedSetSays(int seed)
    {
        var random = new Random(seed);
        var model = new SortedSet<(byte[] Key, byte[] Value)>(PairOrder.Instance);
        for (var round = 0; round < 3; round++)
        {
            using (var transaction = _database.BeginWrite())
            {
                for (var i = 0; i < 300; i++)
                {
                    Change(transaction[_tree], model, random);
                }

                transaction.Read(transaction, (read, _) =>
                {
                    RequireAll(read[_tree], [.. model]);
                    return true;
                });
                RequireWriter(transaction[_tree], [.. model]);
                transaction.Commit();
            }

            using (var read = _database.BeginRead())
            {
                RequireAll(read[_tree], [.. model]);
            }

            using var snapshot = _database.OpenSnapshot();
            RequireSnapshot(snapshot[_tree], [.. model]);
        }

        Assert.That(_database.Check().IsOk);
        Assert.That(model, Has.Count.GreaterThan(100), "the tree has several levels");
    }

    [Test]
    public void Cursors_WhosePairsOrKeysAreDeleted_GoOnWithTheNeighbours()
    {
        using var transaction = _database.BeginWrite();
        var writer = transaction[_tree];
        var (first, middle, last) = (_keys[1], _keys[2], _keys[3]);
        foreach (var key in new[] { first, middle, last })
        {
            foreach (var value in new byte[][] { [1], [2], [3] })
            {
                Assert.That(writer.Add(key, value));
            }
        }

        var cursor = writer.OpenCursor();
        Assert.That(cursor.Seek(middle, [2]));
        Assert.That(writer.Delete(middle, [2]));
        Assert.That(cursor.IsValid, Is.False);
        Assert.That(cursor.MoveNext());
        Assert.That(Of(cursor), Is.EqualTo((middle, new byte[] { 3 })));
        Assert.That(cursor.Delete());
        Assert.That(cursor.MovePrevious());
        Assert.That(Of(cursor), Is.EqualTo((middle, new byte[] { 1 })));
        Assert.That(cursor.Delete(), "the last value of the key");
        Assert.That(cursor.MoveToNextKey());
        Assert.That(Of(cursor), Is.EqualTo((last, new byte[] { 1 })));
        Assert.That(cursor.MoveToPreviousKey());
        Assert.That(Of(cursor), Is.EqualTo((first, new byte[] { 1 })));
        Assert.That(cursor.MoveToLastValue());
        Assert.That(Of(cursor), Is.EqualTo((first, new byte[] { 3 })));
        Assert.That(cursor.DeleteKey(), Is.EqualTo(3));
        Assert.That(cursor.IsValid, Is.False);
        Assert.That(cursor.Delete(), Is.False);
        Assert.That(cursor.DeleteKey(), Is.Zero);
        Assert.That(cursor.MoveToPreviousKey(), Is.False);
        Assert.That(cursor.MoveToNextKey());
        Assert.That(Of(cursor), Is.EqualTo((last, new byte[] { 1 })));
        Assert.That(cursor.Add(middle, [9]));
        Assert.That(cursor.Add(middle, [9]), Is.False);
        Assert.That(Of(cursor), Is.EqualTo((middle, new byte[] { 9 })));
        Assert.That(cursor.MoveToLast());
        Assert.That(cursor.MoveToFirstValue());
        Assert.That(Of(cursor), Is.EqualTo((last, new byte[] { 1 })));
        Assert.That(cursor.MoveToNextKey(), Is.False);
        Assert.That(cursor.MoveNext(), Is.False);
    }

    [Test]
    public void Loads_InAnyOrder_AddWhatIsNotThere()
    {
        var random = new Random(7);
        var model = new SortedSet<(byte[] Key, byte[] Value)>(PairOrder.Instance);
        using (var transaction = _database.BeginWrite())
        {
            _ = transaction[_tree].Add(_keys[3], [7]);
            model.Add((_keys[3], [7]));
            using var loader = transaction[_tree].BeginLoad();
            for (var i = 0; i < 1000; i++)
            {
                var pair = (Of(_keys, random), Of(Values, random));
                loader.Add(pair.Item1, pair.Item2);
                model.Add(pair);
            }

            Assert.That(loader.Added, Is.EqualTo(1000));
            loader.Complete();
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        RequireAll(read[_tree], [.. model]);
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public void Pairs_UpToTheLimit_AreKept_AndLongerOnesRefused()
    {
        var limit = _database.MaxKeyLength - (keySize == 0 ? 2 : 0);
        byte[] key = [1, 1];
        var longest = new byte[limit - key.Length];
        using var transaction = _database.BeginWrite();
        Assert.That(transaction[_tree].Add(key, longest));
        var tooLong = new byte[longest.Length + 1];
        var e = Assert.Throws<PairTooLongException>(() => transaction[_tree].Add(key, tooLong));
        Assert.That(e!.Limit, Is.EqualTo(_database.MaxKeyLength));
        Assert.That(e.Length, Is.EqualTo(_database.MaxKeyLength + 1));
        Assert.That(transaction[_tree].Contains(key, tooLong), Is.False);
        Assert.That(transaction[_tree].Delete(key, tooLong), Is.False);
        Assert.That(transaction[_tree].Count, Is.EqualTo(1));
        if (keySize != 0)
        {
            Assert.Throws<ArgumentException>(() => transaction[_tree].Add([1], []));
            Assert.That(transaction[_tree].Contains([1], []), Is.False);
        }
    }

    [Test]
    public void Kinds_AreNotTakenForEachOther()
    {
        using var transaction = _database.BeginWrite();
        var plain = transaction.CreateTree("plain");
        var asMulti = _database.GetMultiTree("plain");
        var asPlain = _database.GetTree("pairs");
        var typed = _database.GetTree<string, int>("pairs");
        Assert.Throws<TreeOptionsException>(() => transaction[asMulti].Add([1, 1], []));
        Assert.Throws<TreeOptionsException>(() => transaction[asMulti].Delete([1, 1], []));
        Assert.Throws<TreeOptionsException>(() => transaction[asMulti].ContainsKey([1, 1]));
        Assert.Throws<TreeOptionsException>(() => transaction[asMulti].BeginLoad());
        Assert.Throws<TreeOptionsException>(() => transaction[asPlain].Put([1, 1], []));
        Assert.Throws<TreeOptionsException>(() => transaction[asPlain].TryAdd([1, 1], []));
        Assert.Throws<TreeOptionsException>(() => transaction[asPlain].OpenCursor().Put([1, 1], []));
        Assert.Throws<TreeOptionsException>(() => transaction[asPlain].BeginLoad());
        Assert.Throws<TreeOptionsException>(() => transaction.Open(typed));
        Assert.Throws<TreeOptionsException>(() => transaction.CreateTree(typed));
        Assert.Throws<TreeOptionsException>(() => transaction.AdoptCodecs(typed));
        Assert.Throws<TreeOptionsException>(() => transaction.CreateMultiTree("plain"));
        Assert.Throws<TreeOptionsException>(() => transaction.CreateTree("pairs", TreeOptions.None));
        Assert.Throws<TreeOptionsException>(() => transaction.CreateMultiTree("pairs", options, keySize + 1));
        Assert.That(transaction.CreateMultiTree("pairs", options, keySize), Is.EqualTo(_tree));
        Assert.That(
            transaction[plain].GetStatistics().Options | transaction[asPlain].GetStatistics().Options,
            Is.EqualTo(options | TreeOptions.MultiValued));
        Assert.Throws<TreeNotFoundException>(() => transaction[_database.GetMultiTree("none")].Add([1, 1], []));
        transaction.Commit();
        using var snapshot = _database.OpenSnapshot();
        Assert.Throws<TreeOptionsException>(() => _ = snapshot[asMulti].Count);
        Assert.Throws<TreeNotFoundException>(() => _ = snapshot[_database.GetMultiTree("none")].Count);
    }

    [Test]
    public void KeySize_OutOfRange_IsRefused()
    {
        using var transaction = _database.BeginWrite();
        Assert.Throws<ArgumentOutOfRangeException>(() => transaction.CreateMultiTree("new", keySize: -1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => transaction.CreateMultiTree("new", keySize: _database.MaxKeyLength + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => transaction.CreateMultiTree("new", (TreeOptions)64));
        Assert.That(transaction.TreeExists("new"), Is.False);
    }

    [Test]
    public void Reading_AllocatesNothing()
    {
        using (var transaction = _database.BeginWrite())
        {
            foreach (var key in _keys)
            {
                foreach (var value in Values)
                {
                    _ = transaction[_tree].Add(key, value);
                }
            }

            transaction.Commit();
        }

        _ = Read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = Read();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(sum, Is.GreaterThan(0));
    }

    [Test]
    public void RenamedAndReopened_TheTreeKeepsItsKind()
    {
        using (var transaction = _database.BeginWrite())
        {
            _ = transaction[_tree].Add(_keys[2], [5]);
            _ = transaction.RenameTree(_tree.Untyped, "renamed");
            transaction.Commit();
        }

        _database.Dispose();
        _database = Database.Open(_directory.DatabasePath);
        using var read = _database.BeginRead();
        var reader = read[_database.GetMultiTree("renamed")];
        Assert.That(reader.KeySize, Is.EqualTo(keySize));
        Assert.That(reader.Contains(_keys[2], [5]));
        Assert.That(read.TryGetTree(_database.GetMultiTree("pairs"), out _), Is.False);
    }

    private static (byte[] Key, byte[] Value) Of(MultiWriteCursor cursor) =>
        (cursor.Key.ToArray(), cursor.Value.ToArray());

    private static byte[] Of(byte[][] of, Random random) => of[random.Next(of.Length)];

    private long Read()
    {
        using var read = _database.BeginRead();
        var reader = read[_tree];
        long sum = 0;
        foreach (var key in reader.Keys())
        {
            sum += key.Length + reader.CountValues(key);
            foreach (var value in reader.Values(key).From([3]).Before([9]))
            {
                sum += value.Length + (reader.Contains(key, value) ? 1 : 0);
            }
        }

        foreach (var (key, value) in reader.All().Reverse())
        {
            sum += key.Length + value.Length;
        }

        var cursor = reader.OpenCursor();
        while (cursor.MoveToNextKey())
        {
            sum += cursor.Key.Length + cursor.Value.Length;
        }

        return sum;
    }

    private void Change(
        MultiTreeWriter writer, SortedSet<(byte[] Key, byte[] Value)> model, Random random)
    {
        var (key, value) = (Of(_keys, random), Of(Values, random));
        var (otherKey, otherValue) = (Of(_keys, random), Of(Values, random));
        switch (random.Next(100))
        {
            case < 80:
                Assert.That(writer.Add(key, value), Is.EqualTo(model.Add((key, value))));
                break;
            case < 94:
                Assert.That(writer.Delete(key, value), Is.EqualTo(model.Remove((key, value))));
                break;
            case 94:
                Assert.That(writer.DeleteKey(key), Is.EqualTo(model.RemoveWhere(p => Same(p.Key, key))));
                break;
            case 95:
                Assert.That(
                    writer.DeleteRange(key, otherKey),
                    Is.EqualTo(model.RemoveWhere(p => Compare(p.Key, key) >= 0 && Compare(p.Key, otherKey) < 0)));
                break;
            case 96:
                var prefix = key[..Math.Min(1, key.Length)];
                Assert.That(
                    writer.DeletePrefix(prefix),
                    Is.EqualTo(model.RemoveWhere(p => p.Key.AsSpan().StartsWith(prefix))));
                break;
            default:
                Assert.That(
                    writer.DeleteValues(key, value, otherValue),
                    Is.EqualTo(model.RemoveWhere(
                        p => Same(p.Key, key) && Compare(p.Value, value) >= 0 && Compare(p.Value, otherValue) < 0)));
                break;
        }
    }

    private void RequireWriter(MultiTreeWriter writer, (byte[] Key, byte[] Value)[] pairs)
    {
        Assert.That(writer.Count, Is.EqualTo(pairs.Length));
        foreach (var key in _keys)
        {
            var values = pairs.Where(p => Same(p.Key, key)).Select(p => p.Value).ToArray();
            Assert.That(writer.ContainsKey(key), Is.EqualTo(values.Length > 0));
            Assert.That(writer.CountValues(key), Is.EqualTo(values.Length));
            Assert.That(writer.GetValues(key), Is.EqualTo(values));
            foreach (var value in Values)
            {
                Assert.That(writer.Contains(key, value), Is.EqualTo(values.Any(v => Same(v, value))));
            }
        }

        var cursor = writer.OpenCursor();
        foreach (var (key, value) in pairs)
        {
            Assert.That(cursor.MoveNext());
            Assert.That(Of(cursor), Is.EqualTo((key, value)));
        }

        Assert.That(cursor.MoveNext(), Is.False);
    }

    private void RequireSnapshot(SnapshotMultiTree tree, (byte[] Key, byte[] Value)[] pairs)
    {
        Assert.That(tree.Count, Is.EqualTo(pairs.Length));
        Assert.That(tree.All().Select(p => (p.Key, p.Value)), Is.EqualTo(pairs));
        foreach (var key in _keys)
        {
            var values = pairs.Where(p => Same(p.Key, key)).Select(p => p.Value).ToArray();
            Assert.That(tree.GetValues(key), Is.EqualTo(values));
            Assert.That(tree.CountValues(key), Is.EqualTo(values.Length));
            Assert.That(tree.ContainsKey(key), Is.EqualTo(values.Length > 0));
            Assert.That(tree.Contains(key, [7]), Is.EqualTo(values.Any(v => Same(v, [7]))));
        }
    }

    private void RequireAll(MultiTreeReader reader, (byte[] Key, byte[] Value)[] pairs)
    {
        Assert.That(reader.Count, Is.EqualTo(pairs.Length));
        Assert.That(List(reader.All()), Is.EqualTo(pairs));
        Assert.That(List(reader.All().Reverse()), Is.EqualTo(pairs.Reverse()));
        Assert.That(reader.TryGetFirst(out var pair), Is.EqualTo(pairs.Length > 0));
        Assert.That((pair.Key.ToArray(), pair.Value.ToArray()), Is.EqualTo(pairs.Length > 0 ? pairs[0] : ([], [])));
        Assert.That(reader.TryGetLast(out pair), Is.EqualTo(pairs.Length > 0));
        Assert.That((pair.Key.ToArray(), pair.Value.ToArray()), Is.EqualTo(pairs.Length > 0 ? pairs[^1] : ([], [])));
        var keys = pairs.Select(p => p.Key).DistinctBy(Convert.ToHexString).ToArray();
        Assert.That(List(reader.Keys()), Is.EqualTo(keys));
        Assert.That(List(reader.Keys().Reverse()), Is.EqualTo(keys.Reverse()));
        Assert.That(reader.Keys().Count(), Is.EqualTo(keys.Length));

        // Also keys that a tree of keys of one length cannot have.
        byte[][] asked = [.. _keys, [], [1], [1, 0, 0], [255], [255, 255, 0], [97]];
        foreach (var key in asked)
        {
            RequireKey(reader, key, pairs, keys);
            foreach (var to in asked)
            {
                var expected = pairs.Where(p => Compare(p.Key, key) >= 0 && Compare(p.Key, to) < 0).ToArray();
                Assert.That(List(reader.Range(key, to)), Is.EqualTo(expected));
                Assert.That(reader.Range(key, to).Count(), Is.EqualTo(expected.Length));
                Assert.That(List(reader.Range(key, to).Reverse()), Is.EqualTo(expected.Reverse()));
                Assert.That(
                    List(reader.Keys().From(key).Until(to)),
                    Is.EqualTo(keys.Where(k => Compare(k, key) >= 0 && Compare(k, to) < 0)));
                Assert.That(
                    List(reader.Keys().From(key).Until(to).Reverse()),
                    Is.EqualTo(keys.Where(k => Compare(k, key) >= 0 && Compare(k, to) < 0).Reverse()));
            }
        }

        if (IsCounted)
        {
            for (var i = 0; i < pairs.Length; i++)
            {
                var entry = reader.ElementAt(i);
                Assert.That((entry.Key.ToArray(), entry.Value.ToArray()), Is.EqualTo(pairs[i]));
                Assert.That(reader.Rank(pairs[i].Key, pairs[i].Value), Is.EqualTo(i));
            }

            Assert.That(reader.TryGetAt(pairs.Length, out _), Is.False);
            var borders = reader.Partition(3).Select(p => (p.Key, p.Value)).ToArray();
            var wanted = new[] { pairs.Length / 3, pairs.Length * 2 / 3 }.Where(i => i > 0).Distinct();
            Assert.That(borders, Is.EqualTo(wanted.Select(i => pairs[i])));
            if (borders.Length == 2)
            {
                var part = reader.All().From(borders[0].Key, borders[0].Value).Before(borders[1].Key, borders[1].Value);
                Assert.That(List(part), Is.EqualTo(pairs[(pairs.Length / 3)..(pairs.Length * 2 / 3)]));
            }

            Assert.That(reader.TryGetRandom(new Random(1), out var any), Is.EqualTo(pairs.Length > 0));
            Assert.That(pairs.Length == 0 || reader.Contains(any.Key, any.Value));
            Assert.That(List(reader.All().Skip(5).Take(9)), Is.EqualTo(pairs.Skip(5).Take(9)));
            Assert.That(List(reader.All().Reverse().Skip(5).Take(9)), Is.EqualTo(pairs.Reverse().Skip(5).Take(9)));
        }
    }

    private void RequireKey(
        MultiTreeReader reader, byte[] key, (byte[] Key, byte[] Value)[] pairs, byte[][] keys)
    {
        var values = pairs.Where(p => Same(p.Key, key)).Select(p => p.Value).ToArray();
        Assert.That(List(reader.Values(key)), Is.EqualTo(values));
        Assert.That(List(reader.Values(key).Reverse()), Is.EqualTo(values.Reverse()));
        Assert.That(reader.CountValues(key), Is.EqualTo(values.Length));
        Assert.That(reader.ContainsKey(key), Is.EqualTo(values.Length > 0));
        Assert.That(reader.TryGetFirst(key, out var first), Is.EqualTo(values.Length > 0));
        Assert.That(first.ToArray(), Is.EqualTo(values.Length > 0 ? values[0] : []));
        Assert.That(reader.TryGetLast(key, out var last), Is.EqualTo(values.Length > 0));
        Assert.That(last.ToArray(), Is.EqualTo(values.Length > 0 ? values[^1] : []));
        byte[][] next = [.. keys.Where(k => Compare(k, key) > 0)];
        byte[][] previous = [.. keys.Where(k => Compare(k, key) < 0)];
        Assert.That(reader.TryGetNextKey(key, out var found), Is.EqualTo(next.Length > 0));
        Assert.That(found.ToArray(), Is.EqualTo(next.Length > 0 ? next[0] : []));
        Assert.That(reader.TryGetPreviousKey(key, out found), Is.EqualTo(previous.Length > 0));
        Assert.That(found.ToArray(), Is.EqualTo(previous.Length > 0 ? previous[^1] : []));
        Assert.That(List(reader.From(key)), Is.EqualTo(pairs.Where(p => Compare(p.Key, key) >= 0)));
        Assert.That(List(reader.Until(key)), Is.EqualTo(pairs.Where(p => Compare(p.Key, key) < 0)));
        Assert.That(List(reader.Prefix(key)), Is.EqualTo(pairs.Where(p => p.Key.AsSpan().StartsWith(key))));
        foreach (var value in new byte[][] { [], [0], [0, 1], [1], [30], [255], [255, 255] })
        {
            var (from, to) = (values.Where(v => Compare(v, value) >= 0), values.Where(v => Compare(v, value) < 0));
            Assert.That(List(reader.Values(key).From(value)), Is.EqualTo(from));
            Assert.That(List(reader.Values(key).Before(value)), Is.EqualTo(to));
            Assert.That(List(reader.Values(key).Before(value).Reverse()), Is.EqualTo(to.Reverse()));
            Assert.That(List(reader.Values(key).After(value)), Is.EqualTo(values.Where(v => Compare(v, value) > 0)));
            Assert.That(reader.Values(key).From(value).Count(), Is.EqualTo(from.Count()));
            Assert.That(reader.Contains(key, value), Is.EqualTo(values.Any(v => Same(v, value))));
            Assert.That(
                List(reader.All().After(key, value)), Is.EqualTo(pairs.Where(p => Compare(p, (key, value)) > 0)));
            Assert.That(
                List(reader.All().Before(key, value)), Is.EqualTo(pairs.Where(p => Compare(p, (key, value)) < 0)));
            if (IsCounted)
            {
                Assert.That(
                    reader.Rank(key, value), Is.EqualTo(pairs.Count(p => Compare(p, (key, value)) < 0)));
            }

            var cursor = reader.OpenCursor();
            Assert.That(cursor.SeekExact(key, value), Is.EqualTo(values.Any(v => Same(v, value))));
            var isAbove = pairs.Any(p => Compare(p, (key, value)) >= 0);
            Assert.That(cursor.Seek(key, value), Is.EqualTo(isAbove));
            if (isAbove)
            {
                Assert.That(
                    (cursor.Key.ToArray(), cursor.Value.ToArray()),
                    Is.EqualTo(pairs.First(p => Compare(p, (key, value)) >= 0)));
            }
        }

        RequireCursor(reader, key, pairs, keys);
        if (IsCounted)
        {
            Assert.That(reader.Rank(key), Is.EqualTo(pairs.Count(p => Compare(p.Key, key) < 0)));
            Assert.That(List(reader.Values(key).Skip(2).Take(3)), Is.EqualTo(values.Skip(2).Take(3)));
            Assert.That(
                List(reader.Values(key).Reverse().Skip(2).Take(3)), Is.EqualTo(values.Reverse().Skip(2).Take(3)));
        }
    }

    private static void RequireCursor(
        MultiTreeReader reader, byte[] key, (byte[] Key, byte[] Value)[] pairs, byte[][] keys)
    {
        var cursor = reader.OpenCursor();
        var from = keys.Where(k => Compare(k, key) >= 0).ToArray();
        Assert.That(cursor.SeekExact(key), Is.EqualTo(keys.Any(k => Same(k, key))));
        Assert.That(cursor.Seek(key), Is.EqualTo(from.Length > 0));
        if (from.Length == 0)
        {
            Assert.That(cursor.MoveToPreviousKey(), Is.EqualTo(keys.Length > 0));
            return;
        }

        var ofKey = pairs.Where(p => Same(p.Key, from[0])).ToArray();
        Assert.That((cursor.Key.ToArray(), cursor.Value.ToArray()), Is.EqualTo(ofKey[0]));
        Assert.That(cursor.MoveToLastValue());
        Assert.That((cursor.Key.ToArray(), cursor.Value.ToArray()), Is.EqualTo(ofKey[^1]));
        Assert.That(cursor.MoveToFirstValue());
        Assert.That((cursor.Key.ToArray(), cursor.Value.ToArray()), Is.EqualTo(ofKey[0]));
        Assert.That(cursor.MoveToNextKey(), Is.EqualTo(from.Length > 1));
        Assert.That(cursor.IsValid ? cursor.Key.ToArray() : null, Is.EqualTo(from.Length > 1 ? from[1] : null));
        Assert.That(cursor.MoveToPreviousKey());
        Assert.That(cursor.Key.ToArray(), Is.EqualTo(from[0]));
        Assert.That(cursor.MoveToPreviousKey(), Is.EqualTo(keys.Length > from.Length));
        Assert.That(
            cursor.IsValid ? cursor.Key.ToArray() : null,
            Is.EqualTo(keys.Length > from.Length ? keys[keys.Length - from.Length - 1] : null));
    }

    private static bool Same(byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y);

    private static int Compare(byte[] x, byte[] y) => x.AsSpan().SequenceCompareTo(y);

    private static int Compare((byte[] Key, byte[] Value) x, (byte[] Key, byte[] Value) y) =>
        PairOrder.Instance.Compare(x, y);

    private static List<(byte[] Key, byte[] Value)> List(MultiTreeRange range)
    {
        var list = new List<(byte[], byte[])>();
        foreach (var (key, value) in range)
        {
            list.Add((key.ToArray(), value.ToArray()));
        }

        return list;
    }

    private static List<(byte[] Key, byte[] Value)> List(ReverseMultiTreeRange range)
    {
        var list = new List<(byte[], byte[])>();
        foreach (var (key, value) in range)
        {
            list.Add((key.ToArray(), value.ToArray()));
        }

        return list;
    }

    private static List<byte[]> List(MultiTreeValueRange range)
    {
        var list = new List<byte[]>();
        foreach (var value in range)
        {
            list.Add(value.ToArray());
        }

        return list;
    }

    private static List<byte[]> List(ReverseMultiTreeValueRange range)
    {
        var list = new List<byte[]>();
        foreach (var value in range)
        {
            list.Add(value.ToArray());
        }

        return list;
    }

    private static List<byte[]> List(MultiTreeKeyRange range)
    {
        var list = new List<byte[]>();
        foreach (var key in range)
        {
            list.Add(key.ToArray());
        }

        return list;
    }

    private static List<byte[]> List(ReverseMultiTreeKeyRange range)
    {
        var list = new List<byte[]>();
        foreach (var key in range)
        {
            list.Add(key.ToArray());
        }

        return list;
    }

    private sealed class PairOrder : IComparer<(byte[] Key, byte[] Value)>
    {
        public static readonly PairOrder Instance = new();

        public int Compare((byte[] Key, byte[] Value) x, (byte[] Key, byte[] Value) y)
        {
            var order = x.Key.AsSpan().SequenceCompareTo(y.Key);
            return order != 0 ? order : x.Value.AsSpan().SequenceCompareTo(y.Value);
        }
    }
}
