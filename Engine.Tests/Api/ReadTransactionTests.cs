using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Beginning, ending and copying read transactions, and what they say of the database.</summary>
public class ReadTransactionTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Default_IsRefusedAtEveryUse()
    {
        Assert.Throws<InvalidOperationException>(() => _ = default(ReadTransaction).Main.Count);
        Assert.Throws<InvalidOperationException>(() => _ = default(ReadTransaction).TransactionId);
        Assert.Throws<InvalidOperationException>(() => default(ReadTransaction).Main.Get("a"u8));
        Assert.Throws<InvalidOperationException>(() => default(ReadTransaction).GetTreeNames());
        Assert.Throws<InvalidOperationException>(() => default(TreeReader).Get("a"u8));
        Assert.Throws<InvalidOperationException>(() => _ = default(TreeReader).Count);
        Assert.Throws<InvalidOperationException>(() => default(TreeReader).TryGetFirst(out _));
        Assert.Throws<InvalidOperationException>(() => default(TreeReader).OpenCursor());
        Assert.Throws<InvalidOperationException>(() => default(TreeRange).Count());
        Assert.Throws<InvalidOperationException>(() => default(TreeRange).Reverse().GetEnumerator());
        Assert.Throws<InvalidOperationException>(() => { var cursor = default(ReadCursor); cursor.MoveNext(); });
        Assert.That(default(ReadCursor).IsValid, Is.False);
#pragma warning disable ENGINE001 // What is the subject here.
        default(ReadTransaction).Dispose();
#pragma warning restore ENGINE001
        Assert.That(default(Entry).Key.Length + default(Entry).Value.Length, Is.Zero);
    }

    [Test]
    public void Trees_AreFoundByName_OnReadersSnapshotsAndWriters()
    {
        using (var transaction = _database.BeginWrite())
        {
            transaction.CreateTree("orders");
            transaction["orders"].Put("a"u8, "1"u8);
            transaction.Commit();
        }

        using var read = _database.BeginRead();
        using var snapshot = _database.OpenSnapshot();
        Assert.That(read["orders"].Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(read.TryGetTree("orders", out var orders), Is.True);
        Assert.That(orders.Count, Is.EqualTo(1));
        Assert.That(snapshot["orders"].Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(read.TryGetTree("other", out _), Is.False);
        Assert.Throws<TreeNotFoundException>(() => ReadOther(_database));
        Assert.Throws<ArgumentException>(() => _ = snapshot[""]);
        Assert.Throws<InvalidOperationException>(() => _ = default(ReadTransaction)["orders"].Count);
        Assert.Throws<InvalidOperationException>(() => default(ReadTransaction).TryGetTree("orders", out _));

        static long ReadOther(Database database)
        {
            using var read = database.BeginRead();
            return read["other"].Count;
        }
    }

#pragma warning disable ENGINE001, ENGINE002 // What becomes of those who end a transaction by hand is the subject here.
    [Test]
    public void Dispose_Twice_OrOfACopy_EndsOnlyItsOwnTransaction()
    {
        Sample.Put(_database, "a"u8, "1"u8);
        var first = _database.BeginRead();
        var copy = first;
        first.Dispose();

        // The same thread takes the same slot again: an old copy must not end the new transaction.
        using var second = _database.BeginRead();
        first.Dispose();
        copy.Dispose();
        Assert.That(second.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Dispose_EndsCopiesReadersRangesAndCursors()
    {
        Sample.Fill(_database, 0, 50);
        var read = _database.BeginRead();
        var copy = read;
        var reader = read.Main;
        var range = read.Main.All();
        var cursor = reader.OpenCursor();
        cursor.MoveToFirst();
        var walk = range.GetEnumerator();
        walk.MoveNext();
        read.Dispose();

        var failures = 0;
        try { copy.Main.Get("a"u8); } catch (ObjectDisposedException) { failures++; }
        try { reader.ContainsKey("a"u8); } catch (ObjectDisposedException) { failures++; }
        try { range.Count(); } catch (ObjectDisposedException) { failures++; }
        try { cursor.MoveNext(); } catch (ObjectDisposedException) { failures++; }
        try { _ = cursor.Value; } catch (ObjectDisposedException) { failures++; }
        try { walk.MoveNext(); } catch (ObjectDisposedException) { failures++; }
        try { _ = walk.Current; } catch (ObjectDisposedException) { failures++; }
        try { _ = walk.CurrentKey; } catch (ObjectDisposedException) { failures++; }
        Assert.That(failures, Is.EqualTo(8));
    }
#pragma warning restore ENGINE001, ENGINE002

    [Test]
    public void TransactionId_IsTheOneOfTheLastCommit_AndStaysWhenOthersCommit()
    {
        Sample.Put(_database, "a"u8, "1"u8);
        using var read = _database.BeginRead();
        var before = read.TransactionId;
        Assert.That(before, Is.EqualTo(_database.GetStatistics().TransactionId));

        Sample.Put(_database, "a"u8, "2"u8);
        using var later = _database.BeginRead();
        Assert.That(later.TransactionId, Is.EqualTo(before + 1));
        Assert.That(read.TransactionId, Is.EqualTo(before));
        Assert.That((read.Main.Get("a"u8), later.Main.Get("a"u8)), Is.EqualTo(("1"u8.ToArray(), "2"u8.ToArray())));
    }

    [Test]
    public void DefaultTreeMembers_AreThoseOfMain()
    {
        Sample.Fill(_database, 0, 300);
        using var read = _database.BeginRead();
        Assert.That(read.Main.Count, Is.EqualTo(300));
        Assert.That(read.Main.Count, Is.EqualTo(300));
        Assert.That(read[_database.Main].Count, Is.EqualTo(300));
        Assert.That(read.TryGetTree(_database.Main, out var main) && main.Count == 300);
        Assert.That(read.Main.ContainsKey(Sample.Key(7)) && !read.Main.ContainsKey("7"u8));
        Assert.That(read.Main.Get(Sample.Key(7)), Is.EqualTo(Sample.Bytes(20, 7)));
        Assert.That(read.Main.Get("absent"u8), Is.Null);
        Assert.That(read.Main.TryGet("absent"u8, out var value), Is.False);
        Assert.That(value.IsEmpty);
        Assert.That(read.Main.All().Count(), Is.EqualTo(300));
        Assert.That(read.Main.Range(Sample.Key(10), Sample.Key(20)).Count(), Is.EqualTo(10));
        Assert.That(read.Main.Prefix([0, 0, 1]).Count(), Is.EqualTo(44));
        var statistics = read.Main.GetStatistics();
        Assert.That((statistics.Entries, statistics.LastChanged), Is.EqualTo((300L, read.TransactionId)));
        Assert.That(statistics.Depth, Is.GreaterThan(2));
        Assert.That(statistics.LeafPages, Is.GreaterThan(statistics.BranchPages));
    }

    [Test]
    public void NamedTrees_ThatAreAbsent_AreTold()
    {
        var tree = _database.GetTree("missing");
        using var read = _database.BeginRead();
        Assert.That(read.TryGetTree(tree, out _), Is.False);
        var error = Assert.Throws<TreeNotFoundException>(() =>
        {
            using var inner = _database.BeginRead();
            _ = inner[tree];
        });
        Assert.That(error.Message, Does.Contain("missing").And.Contain("CreateTree"));
    }

    [Test]
    public void HandlesOfAnotherDatabase_AreRefusedEverywhere()
    {
        using var other = Sample.InMemory();
        var foreign = other.GetTree("t");
        Assert.Throws<ArgumentException>(() => { using var read = _database.BeginRead(); _ = read[foreign]; });
        Assert.Throws<ArgumentException>(() =>
        {
            using var read = _database.BeginRead();
            read.TryGetTree(other.Main, out _);
        });
        Assert.Throws<ArgumentNullException>(() => { using var read = _database.BeginRead(); _ = read[(Tree)null!]; });
        using var transaction = _database.BeginWrite();
        Assert.Throws<ArgumentException>(() => transaction[other.Main].Put("a"u8, "b"u8));
        Assert.Throws<ArgumentException>(() => transaction[other.Main].TryAdd("a"u8, "b"u8));
        Assert.Throws<ArgumentException>(() => transaction[foreign].Delete("a"u8));
        Assert.Throws<ArgumentException>(() => transaction[foreign].DeleteRange("a"u8, "b"u8));
        Assert.Throws<ArgumentException>(() => transaction[foreign].Get("a"u8));
        Assert.Throws<ArgumentException>(() => transaction[foreign].OpenCursor());
        Assert.Throws<ArgumentException>(() => transaction.DropTree(foreign));
        Assert.Throws<ArgumentException>(() => transaction.RenameTree(foreign, "x"));
        Assert.Throws<ArgumentException>(() => transaction[foreign].Clear());
        Assert.Throws<ArgumentNullException>(() => transaction[(Tree)null!].Put("a"u8, "b"u8));
        using var snapshot = _database.OpenSnapshot();
        Assert.Throws<ArgumentException>(() => snapshot[foreign].All().Any());
    }

    [Test]
    public void ManyReaders_AtOnce_EachHaveTheirOwnState()
    {
        // More than the first slots, so that the table of contexts grows while others read.
        var threads = Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                Nest(20);
            }
        })).ToArray();
        for (var i = 0; i < 50; i++)
        {
            Sample.Put(_database, "a"u8, Sample.Key(i));
        }

        Assert.That(Task.WaitAll(threads, TimeSpan.FromSeconds(60)));

        void Nest(int depth)
        {
            using var read = _database.BeginRead();
            var id = read.TransactionId;
            if (depth > 0)
            {
                Nest(depth - 1);
            }

            Assert.That(read.TransactionId, Is.EqualTo(id));
            read.Main.TryGet("a"u8, out _);
        }
    }

    [Test]
    public void Slots_WhenAllAreTaken_TheNextReaderIsTold_AndOthersGoOn()
    {
        var snapshots = new List<Snapshot>();
        var error = Assert.Throws<ReadersFullException>(() =>
        {
            while (snapshots.Count < 100_000)
            {
                snapshots.Add(_database.OpenSnapshot());
            }
        });
        Assert.That(error.Message, Does.Contain("Dispose"));
        snapshots.ForEach(snapshot => snapshot.Dispose());
        using var read = _database.BeginRead();
        Assert.That(read.Main.Count, Is.Zero);
    }
}
