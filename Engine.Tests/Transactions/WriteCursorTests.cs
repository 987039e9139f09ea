using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Cursors over trees that change under them: the cases that broke other engines.</summary>
public class WriteCursorTests
{
    private Database _database = null!;
    private WriteTransaction _transaction = null!;

    [SetUp]
    public void Open()
    {
        _database = Sample.InMemory();
        Sample.Fill(_database, 0, 100);
        _transaction = _database.BeginWrite();
    }

    [TearDown]
    public void Close()
    {
        _transaction.Dispose();
        _database.Dispose();
    }

    [Test]
    public void Moves_ReadAndCopyWhatIsThere()
    {
        var cursor = _transaction.Main.OpenCursor();
        Assert.That(cursor.IsValid, Is.False);
        Assert.Throws<InvalidOperationException>(() => _ = cursor.Key.Length);
        Assert.Throws<InvalidOperationException>(() => cursor.GetValue());
        Assert.Throws<InvalidOperationException>(() => _ = cursor.ValueLength);
        Assert.Throws<InvalidOperationException>(() => cursor.SetValue("x"u8));
        Assert.Throws<InvalidOperationException>(() => cursor.TryCopyValue(default, out _));
        Assert.That(cursor.Delete(), Is.False);

        Assert.That(cursor.MoveToFirst() && cursor.IsValid && cursor.Key.SequenceEqual(Sample.Key(0)));
        Sample.AssertBytes(cursor.GetValue(), Sample.Bytes(20, 0));
        Assert.That(cursor.ValueLength, Is.EqualTo(20));
        var buffer = new byte[20];
        Assert.That(cursor.TryCopyValue(buffer, out var length) && length == 20);
        Sample.AssertBytes(buffer, Sample.Bytes(20, 0));
        Assert.That(cursor.TryCopyValue(buffer.AsSpan(1), out length), Is.False);
        Assert.That(length, Is.EqualTo(20));
        Assert.That(cursor.Seek([0, 0, 0, 5, 1]) && cursor.Key.SequenceEqual(Sample.Key(6)));
        Assert.That(cursor.SeekFloor([0, 0, 0, 5, 1]) && cursor.Key.SequenceEqual(Sample.Key(5)));
        Assert.That(
            cursor.MoveToLast() && !cursor.MoveNext() && !cursor.MoveNext()
            && cursor.MovePrevious() && cursor.Key.SequenceEqual(Sample.Key(99)));
        Assert.That(
            cursor.MoveToFirst() && !cursor.MovePrevious() && !cursor.MovePrevious()
            && cursor.MoveNext() && cursor.Key.SequenceEqual(Sample.Key(0)));
        Assert.That(cursor.Seek("x"u8) || cursor.IsValid, Is.False);
        Assert.That(cursor.SeekFloor(default) || cursor.IsValid, Is.False);
    }

    [Test]
    public void Key_KeepsShowingWhatItShowed_WhateverHappensAfterwards([Random(4)] int seed)
    {
        var random = new Random(seed);
        var cursor = _transaction.Main.OpenCursor();
        ReadOnlySpan<byte> oldest = default, older = default, old = default;
        byte[] oldestCopy = [], olderCopy = [], oldCopy = [];
        for (var step = 0; step < 2000; step++)
        {
            switch (random.Next(8))
            {
                case 0: cursor.Put(Sample.Bytes(random.Next(40), step), Sample.Bytes(random.Next(60), step)); break;
                case 1: cursor.Delete(); break;
                case 2: _transaction.Main.Put(Sample.Bytes(random.Next(40), step), [1, 2, 3]); break;
                case 3: cursor.Seek(Sample.Bytes(1, random.Next())); break;
                case 4 when cursor.IsValid: cursor.Put(cursor.Key, "of its own key"u8); break;
                case 5: cursor.MovePrevious(); break;
                default: cursor.MoveNext(); break;
            }

            if (cursor.IsValid && random.Next(3) > 0)
            {
                (oldestCopy, olderCopy, oldCopy) = (olderCopy, oldCopy, cursor.Key.ToArray());
                oldest = older;
                older = old;
                old = cursor.Key;
            }

            Assert.That(oldest.SequenceEqual(oldestCopy) && older.SequenceEqual(olderCopy), $"step {step}");
            Assert.That(old.SequenceEqual(oldCopy), $"step {step}");
        }

        _transaction.Commit();
        Sample.Fill(_database, 0, 2000);
        Assert.That(oldest.SequenceEqual(oldestCopy) && older.SequenceEqual(olderCopy) && old.SequenceEqual(oldCopy));
    }

    [Test]
    public void Loop_ThatReadsAndWrites_NeedsLittleMemoryForItsKeys()
    {
        var cursor = _transaction.Main.OpenCursor();
        cursor.MoveToFirst();
        var before = GC.GetAllocatedBytesForCurrentThread();
        long shown = 0;
        for (var round = 0; round < 100; round++)
        {
            for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
            {
                shown += cursor.Key.Length;
            }
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2 * shown));
    }

    [Test]
    public void DeleteAtTheCursor_ThenNextOrPrevious_NeitherSkipsNorRepeats(
        [Values] bool forward, [Values(1, 2, 3, 7)] int step)
    {
        var cursor = _transaction.Main.OpenCursor();
        var seen = new List<int>();
        var kept = new List<int>();
        for (var found = forward ? cursor.MoveToFirst() : cursor.MoveToLast();
            found;
            found = forward ? cursor.MoveNext() : cursor.MovePrevious())
        {
            seen.Add(cursor.Key[3]);
            if (seen.Count % step == 0)
            {
                Assert.That((cursor.Delete(), cursor.IsValid, cursor.Delete()), Is.EqualTo((true, false, false)));
                Assert.Throws<InvalidOperationException>(() => cursor.GetValue());
            }
            else
            {
                kept.Add(seen[^1]);
            }
        }

        var all = Enumerable.Range(0, 100);
        Assert.That(seen, Is.EqualTo(forward ? all : all.Reverse()));
        _transaction.Commit();
        Assert.That(Sample.ReadAll(_database)[string.Empty].Keys.Select(key => (int)key[3]), Is.EqualTo(kept.Order()));
    }

    [Test]
    public void AnotherCursor_DeletesWhatThisOneStandsOn_ThenBothGoOn()
    {
        var (first, second) = (_transaction.Main.OpenCursor(), _transaction.Main.OpenCursor());
        Assert.That(first.Seek(Sample.Key(50)) && second.Seek(Sample.Key(50)));
        Assert.That(first.Delete());
        Assert.That((second.IsValid, second.Delete()), Is.EqualTo((false, false)));
        Assert.That(second.MoveNext() && second.Key.SequenceEqual(Sample.Key(51)));
        Assert.That(first.MovePrevious() && first.Key.SequenceEqual(Sample.Key(49)));

        // What was deleted comes back: the cursor that stands in the gap stands on it again.
        Assert.That(first.Seek(Sample.Key(60)) && first.Delete());
        _transaction.Main.Put(Sample.Key(60), "back"u8);
        Assert.That(first.IsValid && first.GetValue().AsSpan().SequenceEqual("back"u8));
        Assert.That(first.MoveNext() && first.Key.SequenceEqual(Sample.Key(61)));
    }

    [Test]
    public void ManyCursorsOnOneLeaf_WhileItSplitsBelowAtAndAboveThem_StayOnTheirEntries()
    {
        var cursors = Enumerable.Range(20, 20).Select(i =>
        {
            var cursor = _transaction.Main.OpenCursor();
            Assert.That(cursor.Seek(Sample.Key(i)));
            return (Number: i, Cursor: cursor);
        }).ToArray();
        for (var i = 0; i < 300; i++)
        {
            _transaction.Main.Put([0, 0, 0, (byte)(15 + (i % 30)), (byte)(i / 30), 1], Sample.Bytes(i % 60, i));
            foreach (var (number, cursor) in cursors)
            {
                Assert.That(cursor.IsValid && cursor.Key.SequenceEqual(Sample.Key(number)));
                Sample.AssertBytes(cursor.GetValue(), Sample.Bytes(20, number));
            }
        }

        foreach (var (number, cursor) in cursors)
        {
            Assert.That(
                cursor.MovePrevious() && cursor.Key.StartsWith(Sample.Key(number - 1)) && cursor.Key.Length == 6);
            Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(Sample.Key(number)));
        }
    }

    [Test]
    public void MergesAndRootCollapse_WithCursorsOnBothSides_LeaveThemInOrder()
    {
        var cursors = Enumerable.Range(0, 100).Select(i =>
        {
            var cursor = _transaction.Main.OpenCursor();
            Assert.That(cursor.Seek(Sample.Key(i)));
            return cursor;
        }).ToArray();
        var random = new Random(5);
        var left = Enumerable.Range(0, 100).ToList();
        while (left.Count > 1)
        {
            var gone = left[random.Next(left.Count)];
            left.Remove(gone);
            Assert.That(_transaction.Main.Delete(Sample.Key(gone)));
            Assert.That(cursors[gone].IsValid, Is.False);
            var probe = cursors[random.Next(100)];
            var start = Array.IndexOf(cursors, probe);
            var next = left.Find(number => number > start);
            Assert.That(probe.MoveNext(), Is.EqualTo(left.Exists(number => number > start)));
            Assert.That(!probe.IsValid || probe.Key.SequenceEqual(Sample.Key(next)));
            Assert.That(!probe.IsValid || probe.MovePrevious() == left.Exists(number => number < next));
            probe.Seek(Sample.Key(start));
            cursors[start] = _transaction.Main.OpenCursor();
            cursors[start].Put(Sample.Key(start), "again"u8);
            if (!left.Contains(start))
            {
                Assert.That(cursors[start].Delete());
            }
        }

        var last = cursors[left[0]];
        Assert.That(last.IsValid && !last.MoveNext() && last.MovePrevious() && !last.MovePrevious());
    }

    [Test]
    public void PutAfterTheEnd_ThenNextStaysBehindIt_AndPreviousFindsWhatIsLastThen()
    {
        var cursor = _transaction.Main.OpenCursor();
        Assert.That(cursor.MoveToLast() && !cursor.MoveNext());
        _transaction.Main.Put(Sample.Key(200), "new"u8);
        Assert.That((cursor.IsValid, cursor.MoveNext()), Is.EqualTo((false, false)));
        Assert.That(cursor.MovePrevious() && cursor.Key.SequenceEqual(Sample.Key(200)));

        Assert.That(cursor.MoveToFirst() && !cursor.MovePrevious());
        _transaction.Main.Put(default, "new first"u8);
        Assert.That((cursor.IsValid, cursor.MovePrevious()), Is.EqualTo((false, false)));
        Assert.That(cursor.MoveNext() && cursor.Key.IsEmpty);
    }

    [Test]
    public void PutAndSetValue_AtTheCursor_KeepItOnTheEntry_WhateverTheirSize()
    {
        var cursor = _transaction.Main.OpenCursor();
        cursor.Put("new"u8, "1"u8);
        Assert.That(cursor.IsValid && cursor.Key.SequenceEqual("new"u8) && !cursor.MoveNext());
        Assert.That(cursor.Seek(Sample.Key(40)));
        foreach (var length in new[] { 0, 90, 5, 1000, 300_000, 2000, 1, 400_000, 0 })
        {
            cursor.SetValue(Sample.Bytes(length, length));
            Assert.That(cursor.IsValid && cursor.ValueLength == length && cursor.Key.SequenceEqual(Sample.Key(40)));
            Sample.AssertBytes(cursor.GetValue(), Sample.Bytes(length, length));
        }

        // The cursor's own key as the argument, whole and in part.
        cursor.Put(cursor.Key, "same"u8);
        Assert.That(cursor.GetValue(), Is.EqualTo("same"u8.ToArray()));
        cursor.Put(cursor.Key[1..], "part"u8);
        Assert.That(
            cursor.Key.SequenceEqual(Sample.Key(40).AsSpan(1)) && cursor.GetValue().AsSpan().SequenceEqual("part"u8));
        Assert.That(cursor.Seek(cursor.Key[..1]) && cursor.Key.SequenceEqual(Sample.Key(0)));
    }

    [Test]
    public void Cursor_AfterDeleteRangeAndTruncate_StandsInTheGap()
    {
        var cursor = _transaction.Main.OpenCursor();
        Assert.That(cursor.Seek(Sample.Key(50)));
        _transaction.Main.DeleteRange(Sample.Key(40), Sample.Key(60));
        Assert.That(cursor.IsValid, Is.False);
        Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(Sample.Key(60)));
        _transaction.Main.DeleteRange(Sample.Key(60), Sample.Key(70));
        Assert.That(cursor.MovePrevious() && cursor.Key.SequenceEqual(Sample.Key(39)));
        _transaction.Main.Clear();
        Assert.That((cursor.IsValid, cursor.MoveNext(), cursor.MovePrevious()), Is.EqualTo((false, false, false)));
        cursor.Put("a"u8, "1"u8);
        Assert.That(cursor.IsValid);
    }

    [Test]
    public void Cursor_WhenItsTreeIsDroppedAndMadeAgain_SeesTheNewTree()
    {
        var tree = MakeTree("t", "k"u8, "old"u8);
        var cursor = _transaction[tree].OpenCursor();
        Assert.That(cursor.MoveToFirst() && cursor.GetValue().AsSpan().SequenceEqual("old"u8));
        _transaction.DropTree(tree);
        Assert.Throws<TreeNotFoundException>(() => _ = cursor.IsValid);
        _transaction.CreateTree("t");
        Assert.That((cursor.IsValid, cursor.Delete(), cursor.MoveToFirst()), Is.EqualTo((false, false, false)));
        _transaction[tree].Put("k"u8, "new"u8);
        Assert.That(cursor.MoveToFirst() && cursor.GetValue().AsSpan().SequenceEqual("new"u8));
    }

    [Test]
    public void Cursor_WhenAnotherTreeTakesTheName_SeesThatTree()
    {
        var first = MakeTree("first", "k"u8, "one"u8);
        var second = MakeTree("second", "k"u8, "two"u8);
        var cursor = _transaction[first].OpenCursor();
        Assert.That(cursor.MoveToFirst() && cursor.GetValue().AsSpan().SequenceEqual("one"u8));
        _transaction.RenameTree(first, "third");
        _transaction.RenameTree(second, "first");
        Assert.That(cursor.IsValid && cursor.GetValue().AsSpan().SequenceEqual("two"u8));
    }

    [Test]
    public void Cursor_AgainstAModel_UnderEveryKindOfChange([Range(0, 5)] int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<byte[], byte[]>(Sample.ReadAll(_database)[string.Empty], ByteOrder.Instance);
        var cursor = _transaction.Main.OpenCursor();
        byte[]? at = null;
        for (var i = 0; i < 1000; i++)
        {
            var key = Sample.Key(random.Next(150));
            var value = Sample.Bytes(random.Next(10) == 0 ? random.Next(2000) : random.Next(40), i);
            switch (random.Next(9))
            {
                case 0 or 1:
                    _transaction.Main.Put(key, value);
                    model[key] = value;
                    break;
                case 2 or 3:
                    Assert.That(_transaction.Main.Delete(key), Is.EqualTo(model.Remove(key)));
                    break;
                case 4 when at is not null:
                    Assert.That(cursor.Delete(), Is.EqualTo(model.Remove(at)));
                    break;
                case 5:
                    at = model.Keys.FirstOrDefault(k => ByteOrder.Instance.Compare(k, key) >= 0);
                    Assert.That(cursor.Seek(key), Is.EqualTo(at is not null));
                    break;
                case 6 when at is not null:
                    at = model.Keys.FirstOrDefault(k => ByteOrder.Instance.Compare(k, at) > 0);
                    Assert.That(cursor.MoveNext(), Is.EqualTo(at is not null));
                    break;
                case 7 when at is not null:
                    at = model.Keys.LastOrDefault(k => ByteOrder.Instance.Compare(k, at) < 0);
                    Assert.That(cursor.MovePrevious(), Is.EqualTo(at is not null));
                    break;
                case 8 when i % 10 == 0:
                    var to = Sample.Key(random.Next(150));
                    var inside = model.Keys.Where(
                        k => ByteOrder.Instance.Compare(k, key) >= 0 && ByteOrder.Instance.Compare(k, to) < 0).ToList();
                    Assert.That(_transaction.Main.DeleteRange(key, to), Is.EqualTo(inside.Count));
                    inside.ForEach(k => model.Remove(k));
                    break;
                default:
                    continue;
            }

            var isOn = at is not null && model.ContainsKey(at);
            Assert.That(cursor.IsValid, Is.EqualTo(isOn));
            if (isOn)
            {
                Assert.That(cursor.Key.SequenceEqual(at));
                Assert.That(cursor.GetValue(), Is.EqualTo(model[at!]));
            }
        }

        _transaction.Commit();
        Sample.AssertSame(Sample.ReadAll(_database)[string.Empty], model);
    }

    private Tree MakeTree(string name, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _transaction[_transaction.CreateTree(name)].Put(key, value);
        _transaction.Commit();
        _transaction = _database.BeginWrite();
        return _database.GetTree(name);
    }
}
