using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Numbers that transactions take.</summary>
public class SequenceTests
{
    private Database _database = null!;
    private Sequence _orders = null!;

    [SetUp]
    public void Open()
    {
        _database = Database.OpenInMemory();
        _orders = _database.GetSequence("orders");
    }

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Numbers_BeginWithOne_AndGoOn()
    {
        using (var tx = _database.BeginWrite())
        {
            Assert.That(tx[_orders].Last, Is.Zero);
            Assert.That(tx.TreeExists(Sequence.TreeName), Is.False, "asking makes nothing");
            Assert.That(tx[_orders].Next(), Is.EqualTo(1));
            Assert.That(tx[_orders].Next(), Is.EqualTo(2));
            Assert.That(tx[_orders].Take(10), Is.EqualTo(3));
            Assert.That(tx[_orders].Last, Is.EqualTo(12));
            tx.Commit();
        }

        Assert.That(Next(), Is.EqualTo(13));
    }

    [Test]
    public void Sequences_AreIndependent()
    {
        var names = new[] { "a", "b", "aa", "ü", "\0", new string('x', _database.MaxKeyLength) };
        using var tx = _database.BeginWrite();
        for (var i = 0; i < names.Length; i++)
        {
            Assert.That(tx[_database.GetSequence(names[i])].Take(i + 1), Is.EqualTo(1));
        }

        for (var i = 0; i < names.Length; i++)
        {
            Assert.That(tx[_database.GetSequence(names[i])].Last, Is.EqualTo(i + 1), names[i]);
        }
    }

    [Test]
    public void AdvanceTo_OnlyGoesUp()
    {
        using var tx = _database.BeginWrite();
        tx[_orders].AdvanceTo(-5);
        tx[_orders].AdvanceTo(0);
        Assert.That(tx.TreeExists(Sequence.TreeName), Is.False);
        tx[_orders].AdvanceTo(100);
        tx[_orders].AdvanceTo(50);
        Assert.That(tx[_orders].Next(), Is.EqualTo(101));
    }

    [Test]
    public void UsedUpSequence_ThrowsAndStays()
    {
        using var tx = _database.BeginWrite();
        tx[_orders].AdvanceTo(long.MaxValue - 2);
        var failure = Assert.Throws<SequenceExhaustedException>(() => tx[_orders].Take(3))!;
        Assert.That(
            (failure.SequenceName, failure.Last, failure.Count), Is.EqualTo(("orders", long.MaxValue - 2, 3)));
        Assert.That(failure.Message, Does.Contain("'orders' has 2 numbers left"));
        Assert.That(tx[_orders].Take(2), Is.EqualTo(long.MaxValue - 1));
        Assert.That(tx[_orders].Last, Is.EqualTo(long.MaxValue));
        Assert.Throws<SequenceExhaustedException>(() => tx[_orders].Next());
        tx.Commit();
        Assert.That(_database.Read(read => read.LastOf(_orders)), Is.EqualTo(long.MaxValue));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MinValue)]
    public void Take_OfNoNumbers_IsRefused(int count)
    {
        using var tx = _database.BeginWrite();
        Assert.Throws<ArgumentOutOfRangeException>(() => tx[_orders].Take(count));
        Assert.Throws<ArgumentOutOfRangeException>(() => _orders.Reserve(count));
        Assert.That(tx[_orders].Last, Is.Zero);
    }

    [Test]
    public void Readers_SeeTheirOwnState()
    {
        Assert.That(_database.Read(read => read.LastOf(_orders)), Is.Zero, "no tree");
        _database.Write(tx => tx[_orders].Take(5));
        using var snapshot = _database.OpenSnapshot();
        _database.Write(tx => tx[_orders].Take(5));

        Assert.That(snapshot.LastOf(_orders), Is.EqualTo(5));
        Assert.That(_database.Read(read => read.LastOf(_orders)), Is.EqualTo(10));
        Assert.That(_database.Read(read => read.LastOf(_database.GetSequence("other"))), Is.Zero, "no entry");
        using var writing = _database.BeginWrite();
        writing[_orders].Next();
        Assert.That(writing.Read(read => read.LastOf(_orders)), Is.EqualTo(11));
        Assert.That(writing.Read(_orders, (_, orders) => writing[orders].Last), Is.EqualTo(11));
    }

    [Test]
    public void AbortedTransaction_HasTakenNothing()
    {
        Next();
        using (var tx = _database.BeginWrite())
        {
            tx[_orders].Take(100);
        }

        Assert.That(Next(), Is.EqualTo(2));
    }

    [Test]
    public void Numbers_AreDurableWithTheirTransaction()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Root, "numbers.db");
        using (var database = Database.Open(path))
        {
            database.Write(tx => tx[database.GetSequence("orders")].Take(7));
        }

        using (var database = Database.Open(path))
        {
            var orders = database.GetSequence("orders");
            Assert.That(database.Write(tx => tx[orders].Next()), Is.EqualTo(8));
            Assert.That(database.Check().Problems, Is.Empty);
        }
    }

    [Test]
    public void Sequences_AreAnOrdinaryTypedTree()
    {
        Next();
        var tree = _database.GetTree<string, long>(Sequence.TreeName);
        _database.Write(tx => tx[_database.GetSequence("ünï")].Take(9));
        using var snapshot = _database.OpenSnapshot();
        Assert.That(
            snapshot.Open(tree).All(),
            Is.EqualTo(new KeyValuePair<string, long>[] { new("orders", 1), new("ünï", 9) }));

        _database.Write(tx => tx.Open(tree).Put("orders", 40));
        Assert.That(Next(), Is.EqualTo(41), "what is written there counts");
        _database.Write(tx => tx.Open(tree).Put("orders", 0));
        Assert.That(Next(), Is.EqualTo(1));
        _database.Write(tx => tx.DropTree(Sequence.TreeName));
        Assert.That(Next(), Is.EqualTo(1), "dropping resets");
        _database.Write(tx => tx.RenameTree(Sequence.TreeName, "old"));
        Assert.That(Next(), Is.EqualTo(1), "so does renaming");
        _database.Write(tx => tx.DropTree(Sequence.TreeName));
        _database.Write(tx => tx.RenameTree("old", Sequence.TreeName));
        Assert.That(Next(), Is.EqualTo(2));
    }

    [Test]
    public void DropOrRename_WithinTheTransaction_IsSeen()
    {
        using var tx = _database.BeginWrite();
        tx[_orders].Take(5);
        tx.DropTree(Sequence.TreeName);
        Assert.That(tx[_orders].Last, Is.Zero);
        Assert.That(tx[_orders].Next(), Is.EqualTo(1));
        tx.RenameTree(Sequence.TreeName, "old");
        Assert.That(tx[_orders].Next(), Is.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task TreeOfTheReservedName_WithOtherCodecs_IsRefused(bool isTyped)
    {
        _database.Write(tx =>
        {
            if (isTyped)
            {
                tx.CreateTree(_database.GetTree<string, int>(Sequence.TreeName));
            }
            else
            {
                tx[tx.CreateTree(Sequence.TreeName)].Put("orders"u8, "1"u8);
            }
        });
        var reserved = _orders.Reserve(5);
        using (var tx = _database.BeginWrite())
        {
            var mismatch = Assert.Throws<CodecMismatchException>(() => tx[_orders].Next())!;
            Assert.That((mismatch.KeyCodec, mismatch.ValueCodec), Is.EqualTo(("utf8", "i64")));
            Assert.Throws<CodecMismatchException>(() => tx[_orders].AdvanceTo(5));
            Assert.Throws<CodecMismatchException>(() => _ = tx[_orders].Last);
        }

        Assert.Throws<CodecMismatchException>(() => _database.Read(read => read.LastOf(_orders)));
        Assert.Throws<CodecMismatchException>(() => reserved.Next());
        await Assert.ThrowsAsync<CodecMismatchException>(async () => await reserved.NextAsync());
        _database.Write(tx => tx.DropTree(Sequence.TreeName));
        Assert.That(reserved.Next(), Is.EqualTo(1));
        Assert.That(Next(), Is.EqualTo(6));
    }

    [TestCase("")]
    [TestCase("00")]
    [TestCase("7FFFFFFFFFFFFFFF")]
    [TestCase("800000000000000000")]
    public void WhatIsNoLastNumber_IsRefused(string value)
    {
        Next();
        var tree = _database.GetTree(Sequence.TreeName);
        _database.Write(tx => tx[tree].Put("orders"u8, Convert.FromHexString(value)));
        using (var tx = _database.BeginWrite())
        {
            Assert.Throws<InvalidEncodingException>(() => tx[_orders].Next());
            Assert.Throws<InvalidEncodingException>(() => tx[_orders].AdvanceTo(5));
            Assert.That(tx[_database.GetSequence("other")].Next(), Is.EqualTo(1));
        }

        Assert.Throws<InvalidEncodingException>(() => _database.Read(read => read.LastOf(_orders)));
    }

    [Test]
    public void Names_AreLimitedLikeKeys()
    {
        Assert.Throws<ArgumentNullException>(() => _database.GetSequence(null!));
        Assert.Throws<ArgumentException>(() => _database.GetSequence(""));
        Assert.Throws<ArgumentException>(() => _database.GetSequence("\uD800"));
        Assert.Throws<KeyTooLongException>(() => _database.GetSequence(new string('x', _database.MaxKeyLength + 1)));
        Assert.Throws<KeyTooLongException>(() => _database.GetSequence(new string('ü', _database.MaxKeyLength)));
    }

    [Test]
    public void Handles_AreEqualByNameAndDatabase()
    {
        using var other = Database.OpenInMemory();
        Assert.That(_database.GetSequence("orders"), Is.EqualTo(_orders));
        Assert.That(_database.GetSequence("orders") == _orders);
        Assert.That(_database.GetSequence("orders").GetHashCode(), Is.EqualTo(_orders.GetHashCode()));
        Assert.That(_database.GetSequence("Orders") != _orders);
        Assert.That(other.GetSequence("orders"), Is.Not.EqualTo(_orders));
        Assert.That(_orders.Equals(new object()), Is.False);
        Assert.That((_orders.Name, _orders.ToString()), Is.EqualTo(("orders", "orders")));
        using var tx = _database.BeginWrite();
        Assert.That(tx[_orders].Sequence, Is.SameAs(_orders));
    }

    [Test]
    public void WrongUse_IsRefused()
    {
        using var other = Database.OpenInMemory();
        var foreign = other.GetSequence("orders");
        var tx = _database.BeginWrite();
        Assert.Throws<ArgumentException>(() => tx[foreign].Next());
        Assert.Throws<ArgumentNullException>(() => tx[(Sequence)null!].Next());
        Assert.Throws<ArgumentException>(() => _database.Read(read => read.LastOf(foreign)));
        Assert.Throws<ArgumentNullException>(() => _database.Read(read => read.LastOf(null!)));
        Assert.Throws<InvalidOperationException>(static () => default(SequenceWriter).Next());
        Assert.Throws<InvalidOperationException>(() => _ = default(SequenceWriter).Last);
        Assert.Throws<InvalidOperationException>(() => _ = default(SequenceWriter).Sequence);
        Assert.Throws<InvalidOperationException>(() => tx.Read(_ => tx[_orders].Next()));
        using (tx.BeginNested())
        {
            Assert.Throws<InvalidOperationException>(() => tx[_orders].Next());
        }

        tx.Commit();
        Assert.Throws<ObjectDisposedException>(() => tx[_orders].Next());
        Assert.Throws<ObjectDisposedException>(() => _ = tx[_orders].Last);
    }

    [Test]
    public void ManyWriters_NeverGetTheSameNumber()
    {
        const int Threads = 4, Each = 50;
        var taken = new long[Threads * Each];
        Parallel.For(0, Threads, new() { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (var i = 0; i < Each; i++)
            {
                taken[(thread * Each) + i] = i % 5 == 4
                    ? _database.WriteAsync(tx => tx[_orders].Next()).AsTask().Result
                    : Next();
            }
        });
        Assert.That(taken.Order(), Is.EqualTo(Enumerable.Range(1, taken.Length)));
    }

    [Test]
    public void TreeCodecs_AreThoseOfTheTypes()
    {
        Next();
        Assert.DoesNotThrow(() => _database.Read(read =>
            read.Open(_database.GetTree(Sequence.TreeName, KeyCodec.Utf8, KeyCodec.Int64)).Count));
    }

    private long Next() => _database.Write(_orders, static (tx, orders) => tx[orders].Next());
}
