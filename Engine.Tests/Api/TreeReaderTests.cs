using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Lookups, neighbours, ranges and cursors, compared with a sorted dictionary.</summary>
public class TreeReaderTests
{
    /// <summary>
    /// Keys that lie close together in every way: empty, prefixes of each other, runs of 0x00 and 0xFF.
    /// </summary>
    private static readonly byte[][] Keys = MakeKeys();

    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void EmptyTree_AnswersNothingEverywhere()
    {
        using var read = _database.BeginRead();
        var reader = read.Main;
        Assert.That(reader.Count, Is.Zero);
        Assert.That(reader.GetStatistics(), Is.EqualTo(new TreeStatistics(0, 0, 0, 0, 0, 0, TreeOptions.None)));
        Assert.That(
            reader.TryGet(default, out _) || reader.ContainsKey("a"u8) || reader.Get("a"u8) is not null, Is.False);
        Assert.That(reader.TryGetFirst(out _) || reader.TryGetLast(out _), Is.False);
        Assert.That(reader.TryGetFloor("a"u8, out _) || reader.TryGetCeiling(default, out _), Is.False);
        Assert.That(reader.TryGetLower("a"u8, out _) || reader.TryGetHigher(default, out _), Is.False);
        Assert.That(
            reader.All().Count() + reader.From("a"u8).Count() + reader.Until("a"u8).Count(),
            Is.Zero);
        Assert.That(reader.Prefix(default).Reverse().GetEnumerator().MoveNext(), Is.False);
        var cursor = reader.OpenCursor();
        Assert.That(
            cursor.MoveToFirst() || cursor.MoveNext() || cursor.MovePrevious()
            || cursor.MoveToLast() || cursor.Seek("a"u8) || cursor.SeekFloor("a"u8),
            Is.False);
    }

    [Test]
    public void Range_ThatIsNarrowedAfterItsEntriesWereCounted_IsRefused()
    {
        using var read = _database.BeginRead();
        var refused = 0;
        try
        {
            _ = read.Main.All().Take(3).Reverse();
        }
        catch (InvalidOperationException e) when (e.Message.Contains("Take comes last", StringComparison.Ordinal))
        {
            refused++;
        }

        try
        {
            _ = read.Main.All().Take(3).After("a"u8);
        }
        catch (InvalidOperationException)
        {
            refused++;
        }

        try
        {
            _ = read.Main.All().Take(3).Before("a"u8);
        }
        catch (InvalidOperationException)
        {
            refused++;
        }

        try
        {
            _ = read.Main.All().Take(-1);
        }
        catch (ArgumentOutOfRangeException)
        {
            refused++;
        }

        Assert.That(refused, Is.EqualTo(4));
    }

    [Test]
    public void Pages_OfAPrefix_FollowEachOtherInBothDirections()
    {
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < 1000; i++)
            {
                transaction.Main.Put(Sample.Key(i), default);
            }

            transaction.Main.Put("z"u8, default);
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        var prefix = Sample.Key(0).AsSpan(0, 1);
        List<byte[]> up = [], down = [];
        for (var isFull = true; isFull;)
        {
            var before = up.Count;
            var rest = before == 0 ? read.Main.Prefix(prefix) : read.Main.Prefix(prefix).After(up[^1]);
            foreach (var (key, _) in rest.Take(64))
            {
                up.Add(key.ToArray());
            }

            isFull = up.Count == before + 64;
        }

        for (var isFull = true; isFull;)
        {
            var before = down.Count;
            var rest = before == 0 ? read.Main.Prefix(prefix) : read.Main.Prefix(prefix).Before(down[^1]);
            foreach (var (key, _) in rest.Reverse().Take(64))
            {
                down.Add(key.ToArray());
            }

            isFull = down.Count == before + 64;
        }

        Assert.That(up, Is.EqualTo(Enumerable.Range(0, 1000).Select(Sample.Key)));
        Assert.That(down, Is.EqualTo(Enumerable.Range(0, 1000).Reverse().Select(Sample.Key)));
    }

    [Test]
    public void EveryLookup_AgreesWithASortedDictionary(
        [Values(256, 512, 4096)] int pageSize, [Values(3, 30, 1000)] int take)
    {
        using var database = Sample.InMemory(pageSize);
        var random = new Random(pageSize + take);
        var model = Keys.Order(Comparer<byte[]>.Create((_, _) => random.Next(3) - 1)).Take(take).ToArray();
        using (var transaction = database.BeginWrite())
        {
            for (var i = 0; i < model.Length; i++)
            {
                transaction.Main.Put(model[i], model[i]);
            }

            transaction.Commit();
        }

        Array.Sort(model, ByteOrder.Instance);
        using var read = database.BeginRead();
        var reader = read.Main;
        Assert.That(reader.Count, Is.EqualTo((ulong)model.Length));
        foreach (var key in Keys)
        {
            var index = Array.BinarySearch(model, key, ByteOrder.Instance);
            var below = index >= 0 ? index - 1 : ~index - 1;
            var ceiling = index >= 0 ? index : ~index;
            var above = index >= 0 ? index + 1 : ~index;
            Assert.That(reader.TryGet(key, out var value), Is.EqualTo(index >= 0));
            Assert.That(value.SequenceEqual(index >= 0 ? key : []));
            Assert.That(reader.ContainsKey(key), Is.EqualTo(index >= 0));
            Check(reader.TryGetLower(key, out var entry), entry, model.ElementAtOrDefault(below), "lower");
            Check(
                reader.TryGetFloor(key, out entry), entry, index >= 0 ? key : model.ElementAtOrDefault(below), "floor");
            Check(reader.TryGetCeiling(key, out entry), entry, model.ElementAtOrDefault(ceiling), "ceiling");
            Check(reader.TryGetHigher(key, out entry), entry, model.ElementAtOrDefault(above), "higher");

            var cursor = reader.OpenCursor();
            Assert.That(cursor.SeekExact(key), Is.EqualTo(index >= 0));
            Assert.That(cursor.Seek(key), Is.EqualTo(ceiling < model.Length));
            Assert.That(cursor.MovePrevious(), Is.EqualTo(ceiling > 0));
            Assert.That(cursor.SeekFloor(key), Is.EqualTo((index >= 0 ? index : below) >= 0));
            Assert.That(cursor.MoveNext(), Is.EqualTo(above < model.Length));
        }

        static void Check(bool found, Entry entry, byte[]? expected, string what)
        {
            Assert.That(found, Is.EqualTo(expected is not null), what);
            Assert.That(entry.Key.SequenceEqual(expected) && entry.Value.SequenceEqual(expected), what);
        }
    }

    [Test]
    public void GetMany_AgreesWithSingleLookups_WhateverTheOrderAndNumberOfKeys(
        [Values(256, 4096)] int pageSize, [Values(0, 1, 15, 16, 17, 32, 1000)] int count)
    {
        using var database = Sample.InMemory(pageSize);
        using var transaction = database.BeginWrite();
        foreach (var key in Keys.Where((_, i) => i % 3 != 0))
        {
            transaction.Main.Put(key, Sample.Bytes(key.Length * 40, key.Length));
        }

        // First the committed pages, then those of a transaction under way.
        var random = new Random(count);
        var keys =
            Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)Keys[random.Next(Keys.Length)]).ToArray();
        transaction.Read(keys, static (read, keys) => Check(read.Main, keys));
        transaction.Commit();
        using var read = database.BeginRead();
        Check(read.Main, keys);

        static int Check(TreeReader reader, ReadOnlyMemory<byte>[] keys)
        {
            var next = 0;
            foreach (var lookup in reader.GetMany(keys))
            {
                Assert.That(lookup.Index, Is.EqualTo(next));
                Assert.That(lookup.Key.SequenceEqual(keys[next].Span));
                Assert.That(lookup.IsFound, Is.EqualTo(reader.TryGet(keys[next].Span, out var value)));
                Assert.That(lookup.Value.SequenceEqual(value));
                next++;
            }

            Assert.That(next, Is.EqualTo(keys.Length));

            // The same from arrays.
            var arrays = Array.ConvertAll(keys, static key => key.ToArray());
            next = 0;
            foreach (var lookup in reader.GetMany(arrays))
            {
                Assert.That(
                    (lookup.Index, lookup.IsFound), Is.EqualTo((next, reader.TryGet(arrays[next], out var value))));
                Assert.That(lookup.Key.SequenceEqual(arrays[next]) && lookup.Value.SequenceEqual(value));
                next++;
            }

            Assert.That(next, Is.EqualTo(keys.Length));
            return next;
        }
    }

    [Test]
    public void GetMany_OfANullArray_IsRefused()
    {
        using var read = _database.BeginRead();
        var isTold = false;
        try
        {
            read.Main.GetMany([[1], null!]).GetEnumerator().MoveNext();
        }
        catch (ArgumentNullException) { isTold = true; }
        Assert.That(isTold, Is.EqualTo(true));
    }

    [Test]
    public void GetMany_InAnEmptyTreeAndOutsideItsEntries_SaysSo()
    {
        using var read = _database.BeginRead();
        var lookups = read.Main.GetMany([new byte[] { 1 }, ReadOnlyMemory<byte>.Empty]).GetEnumerator();
        Assert.That(Throws(lookups), "before the first");
        Assert.That(lookups.MoveNext() && !lookups.Current.IsFound && lookups.Current.Value.IsEmpty);
        Assert.That(lookups.MoveNext() && !lookups.MoveNext() && !lookups.MoveNext());
        Assert.That(Throws(lookups), "behind the last");

        static bool Throws(GetManyResult.Enumerator lookups)
        {
            try
            {
                return lookups.Current.IsFound && false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }

    [Test]
    public void EveryRange_AgreesWithASortedDictionary([Values(256, 512)] int pageSize)
    {
        using var database = Sample.InMemory(pageSize);
        using (var transaction = database.BeginWrite())
        {
            foreach (var key in Keys.Where((_, i) => i % 3 != 0))
            {
                transaction.Main.Put(key, key);
            }

            transaction.Commit();
        }

        var model = Keys.Where((_, i) => i % 3 != 0).Order(ByteOrder.Instance).ToArray();
        var bounds = Keys.Where((_, i) => i % 5 == 0).ToArray();
        using var read = database.BeginRead();
        foreach (var from in bounds)
        {
            Check(read.Main.From(from), model.Where(key => Compare(key, from) >= 0));
            Check(read.Main.Until(from), model.Where(key => Compare(key, from) < 0));
            Check(read.Main.Prefix(from), model.Where(key => key.AsSpan().StartsWith(from)));
            foreach (var to in bounds)
            {
                Check(read.Main.Range(from, to), model.Where(key => Compare(key, from) >= 0 && Compare(key, to) < 0));
            }
        }

        static int Compare(byte[] left, byte[] right) => ByteOrder.Instance.Compare(left, right);
    }

    [Test]
    public void Prefix_OfAll0xFF_AndLongerThanAnyKey_EndsWhereItShould()
    {
        using (var transaction = _database.BeginWrite())
        {
            foreach (var length in new[] { 1, 2, 3, _database.MaxKeyLength })
            {
                transaction.Main.Put(Enumerable.Repeat((byte)0xFF, length).ToArray(), "v"u8);
            }

            transaction.Main.Put([0xFE, 0xFF], "v"u8);
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        Assert.That(read.Main.Prefix([0xFF, 0xFF]).Count(), Is.EqualTo(3));
        Assert.That(CountReverse(read.Main.Prefix([0xFF, 0xFF])), Is.EqualTo(3));
        Assert.That(CountReverse(read.Main.Prefix([0xFE])), Is.EqualTo(1));
        Assert.That(CountReverse(read.Main.Prefix([0xFE, 0xFF])), Is.EqualTo(1));
        var tooLong = Enumerable.Repeat((byte)0xFF, 100_000).ToArray();
        Assert.That(read.Main.Prefix(tooLong).Count() + CountReverse(read.Main.Prefix(tooLong)), Is.Zero);
        Assert.That(read.Main.TryGetFloor(tooLong, out var entry) && entry.Key.Length == _database.MaxKeyLength);
        Assert.That(read.Main.TryGetCeiling(tooLong, out _) || read.Main.ContainsKey(tooLong), Is.False);
        Assert.That(read.Main.Until(tooLong).Count(), Is.EqualTo(5));

        static long CountReverse(TreeRange range)
        {
            long count = 0;
            foreach (var _ in range.Reverse())
            {
                count++;
            }

            return count;
        }
    }

    [Test]
    public void Range_CanBeWalkedAgain_AndItsWalkStaysEnded()
    {
        Sample.Fill(_database, 0, 40);
        using var read = _database.BeginRead();
        var range = read.Main.Range(Sample.Key(3), Sample.Key(30));
        Assert.That((range.Count(), range.Count()), Is.EqualTo((27L, 27L)));
        var walk = range.GetEnumerator();
        while (walk.MoveNext())
        {
            Assert.That(walk.CurrentKey.SequenceEqual(walk.Current.Key));
        }

        Assert.That(walk.MoveNext() || walk.MoveNext(), Is.False);
        var back = range.Reverse().GetEnumerator();
        while (back.MoveNext())
        {
        }

        Assert.That(back.MoveNext() || back.MoveNext(), Is.False);
    }

    [Test]
    public void Walk_BeforeItsFirstAndAfterItsLastEntry_HasNoCurrent()
    {
        Sample.Fill(_database, 0, 40);
        Assert.Throws<InvalidOperationException>(() =>
        {
            using var read = _database.BeginRead();
            _ = read.Main.All().GetEnumerator().Current;
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            using var read = _database.BeginRead();
            _ = read.Main.All().Reverse().GetEnumerator().Current;
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            using var read = _database.BeginRead();
            var walk = read.Main.Until(Sample.Key(3)).GetEnumerator();
            while (walk.MoveNext())
            {
            }

            _ = walk.CurrentKey;
        });
    }

    [Test]
    public void Cursor_AtTheEdges_StaysThereAndComesBack()
    {
        Sample.Fill(_database, 0, 40);
        using var read = _database.BeginRead();
        var cursor = read.Main.OpenCursor();
        Assert.That((cursor.IsValid, cursor.MovePrevious(), cursor.IsValid), Is.EqualTo((false, false, false)));
        Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(Sample.Key(0)), "from before the first to the first");
        Assert.That(
            cursor.MoveToLast() && cursor.Key.SequenceEqual(Sample.Key(39))
            && cursor.Value.SequenceEqual(Sample.Bytes(20, 39)));
        Assert.That((cursor.MoveNext(), cursor.MoveNext(), cursor.IsValid), Is.EqualTo((false, false, false)));
        Assert.That(
            cursor.MovePrevious() && cursor.Key.SequenceEqual(Sample.Key(39)), "from behind the last to the last");
        Assert.That(cursor.MoveToFirst() && !cursor.MovePrevious() && !cursor.MovePrevious());
        Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(Sample.Key(0)));
        Assert.That(!cursor.SeekFloor(default) && cursor.MoveNext() && cursor.Key.SequenceEqual(Sample.Key(0)));
        Assert.That(!cursor.Seek([1]) && cursor.MovePrevious() && cursor.Key.SequenceEqual(Sample.Key(39)));
        Assert.That(!cursor.SeekExact("x"u8) && !cursor.IsValid);
        Assert.Throws<InvalidOperationException>(() =>
        {
            using var inner = _database.BeginRead();
            _ = inner.Main.OpenCursor().Key;
        });
    }

    private static void Check(TreeRange range, IEnumerable<byte[]> expected)
    {
        var keys = expected.ToArray();
        var next = 0;
        foreach (var (key, value) in range)
        {
            Assert.That(next < keys.Length && key.SequenceEqual(keys[next]) && value.SequenceEqual(key));
            next++;
        }

        Assert.That(next, Is.EqualTo(keys.Length));
        foreach (var (key, value) in range.Reverse())
        {
            next--;
            Assert.That(next >= 0 && key.SequenceEqual(keys[next]) && value.SequenceEqual(key));
        }

        Assert.That(next, Is.Zero);
    }

    private static byte[][] MakeKeys()
    {
        var keys = new List<byte[]> { Array.Empty<byte>() };
        byte[] alphabet = [0x00, 0x01, 0x61, 0xFE, 0xFF];
        for (var length = 1; length <= 3; length++)
        {
            for (var i = 0; i < Math.Pow(alphabet.Length, length); i++)
            {
                keys.Add(
                    [
                        .. Enumerable.Range(0, length).Select(
                            digit => alphabet[i / (int)Math.Pow(alphabet.Length, digit) % alphabet.Length])
                    ]);
            }
        }

        // A long common prefix, so that heads and separators lie deep in the keys.
        keys.AddRange(
            Enumerable.Range(0, 60).Select(i => "a common prefix of text keys/"u8.ToArray().Append((byte)i).ToArray()));
        return [.. keys];
    }
}
