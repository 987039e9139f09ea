using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Reading allocates nothing on the managed heap once every path has been taken before.</summary>
public class ReadAllocationTests
{
    private static readonly ReadOnlyMemory<byte>[] ManyKeys =
        [.. Enumerable.Range(0, 100).Select(i => (ReadOnlyMemory<byte>)Sample.Key(i * 7))];

    private TempDirectory _directory = null!;
    private Database _database = null!;
    private Tree _named = null!;

    [OneTimeSetUp]
    public void Create()
    {
        _directory = new TempDirectory();
        _database = Database.Open(_directory.DatabasePath);
        using var transaction = _database.BeginWrite();
        _named = transaction.CreateTree("named");
        for (var i = 0; i < 2000; i++)
        {
            transaction.Main.Put(Sample.Key(2 * i), Sample.Bytes(100, i));
            transaction[_named].Put(Sample.Key(2 * i), Sample.Bytes(i % 100 == 0 ? 10_000 : 10, i));
        }

        transaction.Commit();
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void BeginningAndEndingATransaction_AllocatesNothing() => AssertNoAllocation(static (database, _) =>
    {
        using var read = database.BeginRead();
        return read.Main.Count;
    });

    [Test]
    public void Get_OfPresentAndAbsentKeys_AllocatesNothing() => AssertNoAllocation(static (database, _) =>
    {
        using var read = database.BeginRead();
        long sum = 0;
        Span<byte> key = stackalloc byte[4];
        for (var i = 0; i < 500; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(key, i);
            sum += read.Main.TryGet(key, out var value) ? value.Length : 1;
            sum += read.Main.ContainsKey(key) ? 1 : 0;
        }

        return sum;
    });

    [Test]
    public void GetMany_AllocatesNothing()
    {
        AssertNoAllocation(static (database, tree) =>
        {
            using var read = database.BeginRead();
            long sum = 0;
            foreach (var lookup in read[tree].GetMany(ManyKeys))
            {
                sum += lookup.IsFound ? lookup.Value.Length : 1;
            }

            return sum;
        });
    }

    [Test]
    public void NamedTrees_ByHandle_AllocateNothing() => AssertNoAllocation(static (database, tree) =>
    {
        using var read = database.BeginRead();
        long sum = read.TryGetTree(tree, out var reader) ? reader.Count : 0;
        return sum + (read[tree].ContainsKey([0, 0, 0, 8]) ? 1 : 0) + reader.GetStatistics().Depth;
    });

    [Test]
    public void NeighboursOfAKey_AllocateNothing() => AssertNoAllocation(static (database, tree) =>
    {
        using var read = database.BeginRead();
        var reader = read[tree];
        ReadOnlySpan<byte> key = [0, 0, 1, 1];
        long sum = 0;
        sum += reader.TryGetFloor(key, out var entry) ? entry.Key[3] : 0;
        sum += reader.TryGetCeiling(key, out entry) ? entry.Key[3] : 0;
        sum += reader.TryGetLower(key, out entry) ? entry.Key[3] : 0;
        sum += reader.TryGetHigher(key, out entry) ? entry.Key[3] : 0;
        sum += reader.TryGetFirst(out entry) ? entry.Value.Length : 0;
        sum += reader.TryGetLast(out entry) ? entry.Value.Length : 0;
        return sum;
    });

    [Test]
    public void Ranges_ForwardReverseAndByPrefix_AllocateNothing() => AssertNoAllocation(static (database, tree) =>
    {
        using var read = database.BeginRead();
        long sum = 0;
        foreach (var (key, value) in read.Main.All())
        {
            sum += key[3] + value.Length;
        }

        foreach (var (key, value) in read[tree].Range([0, 0, 1], [0, 0, 9]).Reverse())
        {
            sum += key[3] + value.Length;
        }

        foreach (var (key, _) in read.Main.Prefix([0, 0, 3]))
        {
            sum += key[3];
        }

        foreach (var (key, _) in read[tree].Prefix([0, 0, 3]).Reverse())
        {
            sum += key[3];
        }

        return sum + read.Main.From([0, 0, 9]).Count() + read.Main.Until([0, 0, 9]).Count();
    });

    [Test]
    public void Cursors_AllocateNothing() => AssertNoAllocation(static (database, tree) =>
    {
        using var read = database.BeginRead();
        var cursor = read[tree].OpenCursor();
        long sum = 0;
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            sum += cursor.Key[3];
        }

        for (var found = cursor.MoveToLast(); found; found = cursor.MovePrevious())
        {
            sum += cursor.Value.Length;
        }

        return sum + (cursor.Seek([0, 0, 2, 1]) ? 1 : 0) + (cursor.SeekFloor([0, 0, 2, 1]) ? 1 : 0)
            + (cursor.SeekExact([0, 0, 2]) ? 1 : 0);
    });

    [Test]
    public void OverflowValues_AllocateNothing() => AssertNoAllocation(static (database, tree) =>
    {
        using var read = database.BeginRead();
        return read[tree].TryGet([0, 0, 0, 200], out var value)
            ? value.Length
            : throw new InvalidOperationException("absent");
    });

    [Test]
    public void ReadCallback_WithoutCapture_AllocatesNothing() => AssertNoAllocation(static (database, tree) =>
        database.Read(tree, static (read, tree) => read[tree].Count));

    [Test]
    public void ReadingASnapshot_AllocatesNothing()
    {
        using var snapshot = _database.OpenSnapshot();
        AssertNoAllocation((_, _) =>
        {
            using var read = snapshot.BeginRead();
            return read.Main.TryGet([0, 0, 0, 2], out var value) ? value.Length : 0;
        });
    }

    [Test]
    public void DifferenceOfTwoStates_AllocatesNothing()
    {
        using var snapshot = _database.OpenSnapshot();
        using (var transaction = _database.BeginWrite())
        {
            for (var i = 0; i < 1000; i++)
            {
                transaction.Main.Put(Sample.Key(5 * i), Sample.Bytes(100, -i));
                transaction[_named].Put(Sample.Key(20 * i), Sample.Bytes(i % 10 == 0 ? 9_000 : 10, -i));
            }

            transaction.Main.DeleteRange(Sample.Key(100), Sample.Key(200));
            transaction.Commit();
        }

        AssertNoAllocation((database, tree) =>
        {
            using var older = snapshot.BeginRead();
            using var newer = database.BeginRead();
            long sum = 0;
            foreach (var change in newer.Main.ChangesSince(older.Main).Range([0, 0, 1], [0, 0, 9]))
            {
                sum += change.Key[3] + change.OldValue.Length - change.NewValue.Length;
            }

            foreach (var change in newer.ChangesSince(older, tree).Prefix([0, 0]))
            {
                sum += change.Key[3] + change.OldValue.Length - change.NewValue.Length;
            }

            return sum;
        });
    }

    [Test]
    public void ReadingAfterEachCommit_AllocatesNothing()
    {
        for (var i = 0; i < 5; i++)
        {
            Sample.Put(_database, [0, 0, 0, 2], Sample.Bytes(100, i));
            var before = GC.GetAllocatedBytesForCurrentThread();
            using (var read = _database.BeginRead())
            {
                read.Main.TryGet([0, 0, 0, 2], out _);
                _ = read[_named].Count;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(allocated, i == 0 ? Is.GreaterThanOrEqualTo(0) : Is.Zero);
        }
    }

    private void AssertNoAllocation(Func<Database, Tree, long> read)
    {
        long expected = 0;
        for (var i = 0; i < 3; i++)
        {
            expected = read(_database, _named);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var actual = read(_database, _named);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That((allocated, actual), Is.EqualTo((0L, expected)));
    }
}
