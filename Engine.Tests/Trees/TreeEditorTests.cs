using Engine.Pages;
using Engine.Tests.Infrastructure;
using Engine.Tests.Pages;
using Engine.Trees;

namespace Engine.Tests.Trees;

/// <summary>
/// A tree that is built and taken apart in memory, against a sorted dictionary; every page is verified all along.
/// </summary>
public class TreeEditorTests
{
    private static readonly Comparer<byte[]> ByteOrder =
        Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    [Test, Sampled("seed", 3)]
    public void Changes_OfAllKinds_KeepTheTreeLikeASortedDictionary(
        [Values(256, 512, 4096, 65536)] int pageSize, [Range(0, 5)] int seed)
    {
        using var fixture = new Fixture(pageSize);
        var random = new Random((seed * 1_000_003) + pageSize);
        var keys = new KeyMaker(random, PageLayout.MaxKeyLength(pageSize));
        var model = new SortedDictionary<byte[], byte[]>(ByteOrder);
        for (var step = 0; step < 1500; step++)
        {
            // Times of growth, times of decline.
            var growing = step / 300 % 2 == 0;
            switch (random.Next(growing ? 14 : 22))
            {
                case < 12:
                    Put(fixture, model, growing ? KeyOf(random, step, keys) : keys.Next(), random);
                    break;
                case 12 when random.Next(4) == 0 && !growing:
                    DeleteRange(fixture, model, keys.NextProbe(), keys.NextProbe(), random.Next(5) != 0);
                    break;
                default:
                    Delete(
                        fixture,
                        model,
                        model.Count > 0 && random.Next(4) != 0
                            ? model.ElementAt(random.Next(model.Count)).Key
                            : keys.NextProbe());
                    break;
            }

            if (step % 10 == 0)
            {
                fixture.Compare(model);
            }
        }

        fixture.Compare(model);
        Assert.That(fixture.Editor.Clear(), Is.EqualTo((ulong)model.Count));
        model.Clear();
        fixture.Compare(model);
    }

    [Test]
    public void Appends_WithOtherOperationsBetweenThem_GoToTheEnd(
        [Values(256, 4096)] int pageSize, [Random(2)] int seed)
    {
        using var fixture = new Fixture(pageSize);
        var random = new Random(seed);
        var model = new SortedDictionary<byte[], byte[]>(ByteOrder);
        for (var step = 0; step < 3000; step++)
        {
            // Whatever happened since the last append, and whether or not it changed anything, the path that the append
            // left may be no longer the right one.
            var key = BigEndian(random.Next(2 * step));
            switch (random.Next(12))
            {
                case 0:
                    Assert.That(fixture.Editor.Delete(key), Is.EqualTo(model.Remove(key)));
                    break;
                case 1:
                    Assert.That(fixture.TryAdd(key, key), Is.EqualTo(model.TryAdd(key, key)));
                    break;
                case 2:
                    fixture.Put(key, new byte[random.Next(30)]);
                    fixture.Put(key, key);
                    model[key] = key;
                    break;
                case 3 when model.Count > 0:
                    var last = model.Keys.Last();
                    fixture.Put(last, key);
                    model[last] = key;
                    break;
                case 4 when random.Next(5) == 0 && model.Count > 0:
                    DeleteRange(
                        fixture,
                        model,
                        BigEndian(Math.Max(0, (2 * step) - random.Next(40))),
                        BigEndian(3 * step),
                        true);
                    break;
                default:
                    fixture.Put(BigEndian(2 * step), key);
                    model[BigEndian(2 * step)] = key;
                    break;
            }

            if (step % 50 == 0)
            {
                fixture.Compare(model);
            }
        }

        fixture.Compare(model);
    }

    [Test]
    public void Put_Ascending_FillsLeaves([Values(512, 4096)] int pageSize, [Values] bool descending)
    {
        using var fixture = new Fixture(pageSize);
        for (var i = 0; i < 2000; i++)
        {
            fixture.Put(BigEndian(descending ? 10_000 - i : i), new byte[20]);
        }

        var inspector = TreeInspector.Check(fixture.Dirty, pageSize, fixture.Editor.Record);
        var used = 2000.0 * (PageLayout.LeafSlotSize + PageLayout.LeafCellHeader + 4 + 20);
        Assert.That(used / (inspector.Leaves * (ulong)(pageSize - PageLayout.HeaderSize)), Is.GreaterThan(0.9));
    }

    [Test]
    public void Put_AtRandom_FillsLeavesBetterThanSplitsAlone([Values(512, 4096)] int pageSize, [Random(2)] int seed)
    {
        using var fixture = new Fixture(pageSize);
        var random = new Random(seed);
        const int Entries = 20_000;
        for (var i = 0; i < Entries; i++)
        {
            fixture.Put(BigEndian(random.Next()), new byte[20]);
        }

        // Splits alone would leave ln 2 = 0.69.
        var inspector = TreeInspector.Check(fixture.Dirty, pageSize, fixture.Editor.Record);
        var used = (double)Entries * (PageLayout.LeafSlotSize + PageLayout.LeafCellHeader + 4 + 20);
        Assert.That(used / (inspector.Leaves * (ulong)(pageSize - PageLayout.HeaderSize)), Is.InRange(0.74, 0.95));
    }

    [Test]
    public void Append_IsDoneBehindTheLastKeyOnly_AndMayTakeItsValueFromTheTree()
    {
        using var fixture = new Fixture(4096);
        var model = new SortedDictionary<byte[], byte[]>(ByteOrder);
        model[[1]] = KeyMaker.RandomBytes(new Random(1), 50);
        fixture.Put([1], model[[1]]);
        for (byte i = 2; i < 30; i++)
        {
            // The value lies in the leaf that gets it.
            var cursor = new TreeCursor(fixture.Source, fixture.Editor.Record);
            Assert.That(cursor.Seek([(byte)(i - 1)], out _), Is.True);
            var value = cursor.Value;
            model[[i]] = value.ToArray();
            var result = fixture.Editor.TryAppend([i], value);
            Assert.That(result, Is.EqualTo(AppendResult.Done));
        }

        fixture.Compare(model);
        Assert.That(fixture.Editor.TryAppend([29], default), Is.EqualTo(AppendResult.NotAbove));
        Assert.That(fixture.Editor.TryAppend([3], default), Is.EqualTo(AppendResult.NotAbove));
        Assert.That(fixture.Editor.TryAppend([30], new byte[1800]), Is.EqualTo(AppendResult.Done));
        Assert.That(fixture.Editor.TryAppend([31], new byte[1800]), Is.EqualTo(AppendResult.NoRoom));
        Assert.That(
            fixture.Editor.TryAppend([31], new byte[4000]), Is.EqualTo(AppendResult.Unknown), "too large for a leaf");
        Assert.That(fixture.Editor.Delete([5]), Is.True);
        Assert.That(fixture.Editor.TryAppend([31], default), Is.EqualTo(AppendResult.Unknown));
        Assert.That(fixture.Editor.Record.Entries, Is.EqualTo(29));
    }

    [Test]
    public void Put_AscendingRunsInTheMiddle_FillsLeaves()
    {
        const int PageSize = 4096;
        using var fixture = new Fixture(PageSize);
        fixture.Put(BigEndian(int.MaxValue), new byte[20]);
        for (var run = 20; run > 0; run--)
        {
            for (var i = 0; i < 1000; i++)
            {
                fixture.Put(BigEndian((run * 100_000) + i), new byte[20]);
            }
        }

        var inspector = TreeInspector.Check(fixture.Dirty, PageSize, fixture.Editor.Record);
        var used = 20_001.0 * (PageLayout.LeafSlotSize + PageLayout.LeafCellHeader + 4 + 20);
        Assert.That(used / (inspector.Leaves * (ulong)(PageSize - PageLayout.HeaderSize)), Is.GreaterThan(0.8));
    }

    [Test]
    public void Delete_OfNearlyEverything_MergesPages([Values(256, 4096)] int pageSize)
    {
        using var fixture = new Fixture(pageSize);
        var model = new SortedDictionary<byte[], byte[]>(ByteOrder);
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            Put(fixture, model, BigEndian(random.Next()), random);
        }

        var before = fixture.Editor.Record.LeafPages;
        foreach (var key in model.Keys.ToArray())
        {
            if (random.Next(20) != 0)
            {
                Delete(fixture, model, key);
            }
        }

        fixture.Compare(model);
        Assert.That(fixture.Editor.Record.LeafPages, Is.LessThan(before / 4));
    }

    private static byte[] KeyOf(Random random, int step, KeyMaker keys) => random.Next(3) switch
    {
        0 => BigEndian(step),
        1 => BigEndian(random.Next()),
        _ => keys.Next(),
    };

    private static byte[] BigEndian(int value)
    {
        var key = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(key, value);
        return key;
    }

    private static void Put(Fixture fixture, SortedDictionary<byte[], byte[]> model, byte[] key, Random random)
    {
        var length = random.Next(12) == 0
            ? random.Next(3 * fixture.PageSize)
            : random.Next(Math.Min(fixture.PageSize / 2, 200));
        var value = KeyMaker.RandomBytes(random, length);
        if (random.Next(6) == 0)
        {
            Assert.That(fixture.TryAdd(key, value), Is.EqualTo(!model.ContainsKey(key)));
            model.TryAdd(key, value);
            return;
        }

        fixture.Put(key, value);
        model[key] = value;
    }

    private static void Delete(Fixture fixture, SortedDictionary<byte[], byte[]> model, byte[] key) =>
        Assert.That(fixture.Editor.Delete(key), Is.EqualTo(model.Remove(key)));

    private static void DeleteRange(
        Fixture fixture, SortedDictionary<byte[], byte[]> model, byte[] from, byte[] to, bool hasTo)
    {
        var gone = model.Keys.Where(
            key => ByteOrder.Compare(key, from) >= 0 && (!hasTo || ByteOrder.Compare(key, to) < 0)).ToList();
        Assert.That(fixture.Editor.DeleteRange(from, to, hasTo), Is.EqualTo((ulong)gone.Count));
        gone.ForEach(key => model.Remove(key));
        fixture.Compare(model);
    }

    private sealed class Fixture : IDisposable
    {
        private int _writes;

        public Fixture(int pageSize)
        {
            PageSize = pageSize;
            Dirty = new DirtyList(pageSize);
            Source = new PageSource(pageSize);
            using var file = new Engine.Storage.MemoryStorage().CreateTemporary();
            file.SetLength(65536);
            Source.Attach(file.Map(65536), 1, 1, new VerifiedPages(rememberCrcs: false), Dirty);
            Editor = new TreeEditor(Source, Dirty, Space, default);
        }

        public int PageSize { get; }

        public DirtyList Dirty { get; }

        public PageSource Source { get; }

        public MemorySpace Space { get; } = new();

        public TreeEditor Editor { get; }

        public void Put(byte[] key, byte[] value) => Assert.That(Write(key, value, PutMode.Overwrite), Is.True);

        public bool TryAdd(byte[] key, byte[] value) => Write(key, value, PutMode.AddOnly);

        public void Compare(SortedDictionary<byte[], byte[]> model)
        {
            var entries = TreeInspector.Check(Dirty, PageSize, Editor.Record).Entries;
            Assert.That(entries, Has.Count.EqualTo(model.Count));
            var i = 0;
            foreach (var (key, value) in model)
            {
                if (!entries[i].Key.AsSpan().SequenceEqual(key) || !entries[i].Value.AsSpan().SequenceEqual(value))
                {
                    Assert.Fail($"Entry {i} differs.");
                }

                i++;
            }

            Assert.That(Space.Freed, Is.Empty);
        }

        public void Dispose() => Dirty.Dispose();

        private bool Write(byte[] key, byte[] value, PutMode mode)
        {
            if (++_writes % 2 == 0 && Editor.TryAppend(key, value) == AppendResult.Done)
            {
                return true;
            }

            if (!Editor.Put(key, value.Length, mode, null, out var destination))
            {
                return false;
            }

            value.CopyTo(destination);
            return true;
        }
    }
}
