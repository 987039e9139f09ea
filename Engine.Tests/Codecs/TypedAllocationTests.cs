using System.Runtime.InteropServices;

namespace Engine.Tests.Codecs;

/// <summary>
/// Typed trees allocate nothing on the managed heap but what keys and values are themselves, once every path has been
/// taken before.
/// </summary>
public class TypedAllocationTests
{
    private const int Entries = 2000;

    private Database _database = null!;
    private Tree<long, Point> _points = null!;
    private Tree<string, int> _names = null!;
    private Tree<(string, int, Guid), decimal> _tuples = null!;
    private Tree<string, (int, int)> _indexed = null!;
    private TreeIndex<int, string, (int, int)> _byFirst = null!;
    private TreeIndex<(string, int), string, (int, int)> _byText = null!;
    private string[] _keys = null!;

    private enum Color
    {
        Red,
    }

    [OneTimeSetUp]
    public void Create()
    {
        _database = Database.OpenInMemory();
        _points = _database.GetTree("points", KeyCodec.Int64, ValueCodec.Struct<Point>());
        _names = _database.GetTree<string, int>("names");
        _tuples = _database.GetTree(
            "tuples", KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32, KeyCodec.Guid), ValueCodec.Decimal);
        _indexed = _database.GetTree(
            "indexed", KeyCodec.Utf8, KeyCodec.Tuple(KeyCodec.Int32, KeyCodec.Int32));
        _byFirst = _indexed.AddIndex("indexed.first", static (_, value) => value.Item1, unique: true);
        _byText = _indexed.AddIndex(
            "indexed.text", static (key, value) => (key, value.Item2), KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        _keys = [.. Enumerable.Range(0, Entries).Select(static i => new string('n', i % 150) + i)];
        using var tx = _database.BeginWrite();
        tx.CreateTree(_points);
        tx.CreateTree(_names);
        tx.CreateTree(_tuples);
        tx.CreateTree(_indexed);
        for (var i = 0; i < Entries; i++)
        {
            tx.Open(_points).Put(2 * i, new Point(i, i));
            tx.Open(_names).Put(_keys[i], i);
            tx.Open(_tuples).Put((_keys[i], i, default), i);
            tx.Open(_indexed).Put(_keys[i], (2 * i, i % 10));
        }

        tx.Commit();
    }

    [OneTimeTearDown]
    public void Remove() => _database.Dispose();

    [Test]
    public void LookupsOfNumbers_AllocateNothing() => AssertNoAllocation(() =>
    {
        using var read = _database.BeginRead();
        var points = read.Open(_points);
        double sum = points.Count;
        for (long i = -10; i < Entries; i++)
        {
            sum += points.TryGet(i, out var point) ? point.X : 1;
            sum += points.ContainsKey(i) ? 1 : 0;
            sum += points.TryGetFloor(i, out var entry) ? entry.Key + entry.Value.Y : 0;
        }

        return sum;
    });

    [Test]
    public void LookupsOfStrings_AllocateNothing() => AssertNoAllocation(() =>
    {
        using var read = _database.BeginRead();
        var names = read.Open(_names);
        double sum = 0;
        foreach (var key in _keys)
        {
            sum += names.TryGet(key, out var value) ? value : 0.5;
        }

        return sum;
    });

    [Test]
    public void LookupsOfTuples_AllocateNothing() => AssertNoAllocation(() =>
    {
        using var read = _database.BeginRead();
        var tuples = read.Open(_tuples);
        double sum = 0;
        for (var i = 0; i < Entries; i++)
        {
            sum += tuples.TryGet((_keys[i], i, default), out var value) ? (double)value : 0.5;
        }

        return sum;
    });

    [Test]
    public void RangesOfNumbers_AllocateNothing() => AssertNoAllocation(() =>
    {
        using var read = _database.BeginRead();
        var points = read.Open(_points);
        double sum = 0;
        foreach (var (key, point) in points.From(100).After(110).Through(3000))
        {
            sum += key + point.X;
        }

        foreach (var entry in points.Range(-5, 1000).Reverse().Take(200))
        {
            sum += entry.Key;
        }

        return sum + points.Until(50).Count();
    });

    [Test]
    public void RangesByFirstParts_AllocateNothing() => AssertNoAllocation(() =>
    {
        using var read = _database.BeginRead();
        return read.Open(_tuples).Prefix(_keys[3]).Count() + read.Open(_tuples).Prefix(_keys[3], 3).Count();
    });

    [Test]
    public void ReadingByIndexes_AllocatesNothing() => AssertNoAllocation(() =>
    {
        using var read = _database.BeginRead();
        var byFirst = read.Open(_byFirst);
        double sum = byFirst.Count;
        foreach (var entry in byFirst.From(100).After(110).Through(3000))
        {
            sum += entry.IndexKey + entry.Value.Item2;
        }

        foreach (var entry in byFirst.Range(-5, 1000).Reverse().Take(200))
        {
            sum += entry.Value.Item1;
        }

        for (var i = 0; i < Entries; i++)
        {
            sum += byFirst.ContainsKey(i) ? 1 : 0;
            sum += read.Open(_byText).ContainsKey((_keys[i], i % 7)) ? 1 : 0;
        }

        foreach (var entry in read.Open(_byText).Prefix("n"))
        {
            sum += entry.ValueBytes[^1];
        }

        return sum + read.Open(_byText).Prefix(_keys[3]).Count() + read.Open(_byFirst).Find(7).Count();
    });

    [Test]
    public void WritingWithIndexes_AllocatesNothing()
    {
        using var tx = _database.BeginWrite();
        var round = 0;
        AssertNoAllocation(() =>
        {
            var indexed = tx.Open(_indexed);
            double sum = 0;
            round++;
            for (var i = 0; i < Entries; i++)
            {
                indexed.Put(_keys[i], ((2 * i) + (round % 2), i % 9));
                sum += indexed.TryAdd(_keys[i], default) ? 1 : 0;
                sum += indexed.Delete("absent") ? 1 : 0;
            }

            return sum;
        });
    }

    [Test]
    public void OpeningATreeAfterEachCommit_AllocatesNothing()
    {
        for (var i = 0; i < 5; i++)
        {
            using (var tx = _database.BeginWrite())
            {
                tx.Open(_points).Put(-1 - i, default);
                tx.Commit();
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var read = _database.BeginRead())
            {
                read.Open(_points).TryGet(2, out _);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(allocated, i == 0 ? Is.GreaterThanOrEqualTo(0) : Is.Zero);
        }
    }

    [Test]
    public void Writing_AllocatesNothing()
    {
        using var tx = _database.BeginWrite();
        AssertNoAllocation(() =>
        {
            var points = tx.Open(_points);
            double sum = 0;
            for (var i = 0; i < Entries; i++)
            {
                points.Put(2 * i, new Point(-i, i));
                tx.Open(_tuples).Put((_keys[i], i, default), i);
                sum += points.TryGet(2 * i, out var point) ? point.X : 0.5;
            }

            return sum;
        });
    }

    [Test]
    public void EveryCodecOfFixedLength_AllocatesNothing()
    {
        Span<byte> scratch = stackalloc byte[64];
        NoAllocation(KeyCodec.Boolean, true, scratch);
        NoAllocation(KeyCodec.Char, 'x', scratch);
        NoAllocation(KeyCodec.SByte, (sbyte)-1, scratch);
        NoAllocation(KeyCodec.Byte, (byte)1, scratch);
        NoAllocation(KeyCodec.Int16, (short)-1, scratch);
        NoAllocation(KeyCodec.UInt16, (ushort)1, scratch);
        NoAllocation(KeyCodec.Int32, -1, scratch);
        NoAllocation(KeyCodec.UInt32, 1u, scratch);
        NoAllocation(KeyCodec.Int64, -1, scratch);
        NoAllocation(KeyCodec.UInt64, 1ul, scratch);
        NoAllocation(KeyCodec.Int128, Int128.MinValue, scratch);
        NoAllocation(KeyCodec.UInt128, UInt128.MaxValue, scratch);
        NoAllocation(KeyCodec.Single, -1.5f, scratch);
        NoAllocation(KeyCodec.Double, -1.5, scratch);
        NoAllocation(KeyCodec.Decimal, -1.50m, scratch);
        NoAllocation(KeyCodec.DateTime, DateTime.MaxValue, scratch);
        NoAllocation(KeyCodec.UtcDateTime, DateTime.UnixEpoch, scratch);
        NoAllocation(KeyCodec.DateTimeOffset, DateTimeOffset.UnixEpoch, scratch);
        NoAllocation(KeyCodec.TimeSpan, TimeSpan.MinValue, scratch);
        NoAllocation(KeyCodec.DateOnly, DateOnly.MaxValue, scratch);
        NoAllocation(KeyCodec.TimeOnly, TimeOnly.MaxValue, scratch);
        NoAllocation(KeyCodec.Guid, Guid.AllBitsSet, scratch);
        NoAllocation(KeyCodec.Enum<Color>(), Color.Red, scratch);
        NoAllocation(
            KeyCodec.Tuple(KeyCodec.Int32, KeyCodec.Tuple(KeyCodec.Byte, KeyCodec.Double)),
            (1, ((byte)2, 3.0)),
            scratch);
        NoAllocation(ValueCodec.Single, -1.5f, scratch);
        NoAllocation(ValueCodec.Double, -1.5, scratch);
        NoAllocation(ValueCodec.Decimal, -1.5m, scratch);
        NoAllocation(ValueCodec.DateTime, DateTime.MaxValue, scratch);
        NoAllocation(ValueCodec.DateTimeOffset, DateTimeOffset.UnixEpoch, scratch);
        NoAllocation(ValueCodec.Struct<Point>(), new Point(1, 2), scratch);
    }

    private static void NoAllocation<T>(ValueCodec<T> codec, T value, Span<byte> scratch)
    {
        EncodingBuffer? buffer = null;
        long allocated = 0;
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var decoded = codec.Decode(codec.Encode(value, scratch, ref buffer));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(decoded, Is.EqualTo(value));
        }

        Assert.That((allocated, buffer), Is.EqualTo((0L, (EncodingBuffer?)null)), codec.Name);
    }

    private static void AssertNoAllocation(Func<double> work)
    {
        double expected = 0;
        for (var i = 0; i < 3; i++)
        {
            expected = work();
        }

        // The least of some: a collection that others cause may count what is left of the thread's piece of the heap as
        // allocated. What the work itself allocates, it does each time.
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var actual = work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.That(actual, Is.EqualTo(expected));
        }

        Assert.That(least, Is.Zero);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Point(double X, double Y);
}
