namespace Engine.Tests.Api;

/// <summary>A rollback brings back everything but numbers that were taken.</summary>
public class SequenceSavepointTests
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
    public void RollBackTo_KeepsTheNumbers_AndNothingElse()
    {
        var others = _database.GetSequence("others");
        using (var tx = _database.BeginWrite())
        {
            tx[_orders].Take(3);
            var savepoint = tx.Savepoint();
            tx[_orders].Take(4);
            tx[others].AdvanceTo(10);
            tx.Main.Put("a"u8, "b"u8);
            tx.RollBackTo(savepoint);

            Assert.That(tx.Main.Count, Is.Zero);
            Assert.That((tx[_orders].Last, tx[others].Last), Is.EqualTo((7, 10)));
            Assert.That(tx[_orders].Next(), Is.EqualTo(8));
            tx.RollBackTo(savepoint);
            Assert.That(tx[_orders].Last, Is.EqualTo(8));
            tx.Release(savepoint);
            tx.Commit();
        }

        Assert.That(_database.Read(read => (read.LastOf(_orders), read.LastOf(others))), Is.EqualTo((8, 10)));
    }

    [Test]
    public void RollBackTo_WhereThereWasNoSequence_KeepsTheNumbers()
    {
        using (var tx = _database.BeginWrite())
        {
            var savepoint = tx.Savepoint();
            tx[_orders].Take(4);
            tx.RollBackTo(savepoint);
            tx.Commit();
        }

        Assert.That(_database.Write(tx => tx[_orders].Next()), Is.EqualTo(5));
    }

    [Test]
    public void NestedTransaction_ThatIsAborted_KeepsItsNumbersTaken([Values] bool isInnermostCommitted)
    {
        using var tx = _database.BeginWrite();
        tx[_orders].Next();
        using (var nested = tx.BeginNested())
        {
            Assert.That(nested[_orders].Next(), Is.EqualTo(2));
            using (var inner = nested.BeginNested())
            {
                Assert.That(inner[_orders].Take(5), Is.EqualTo(3));
                if (isInnermostCommitted)
                {
                    inner.Commit();
                }
            }

            Assert.That(nested[_orders].Next(), Is.EqualTo(8));
        }

        Assert.That(tx[_orders].Next(), Is.EqualTo(9));
    }

    [Test]
    public void Reset_ThatIsRolledBack_DoesNotGiveNumbersAgain()
    {
        using var tx = _database.BeginWrite();
        tx[_orders].Take(5);
        var savepoint = tx.Savepoint();
        tx[_orders].Take(2);
        tx.DropTree(Sequence.TreeName);
        Assert.That(tx[_orders].Next(), Is.EqualTo(1), "a reset is what was asked for");
        tx.RollBackTo(savepoint);
        Assert.That(tx[_orders].Next(), Is.EqualTo(8));
        var tree = _database.GetTree<string, long>(Sequence.TreeName);
        savepoint = tx.Savepoint();
        tx.Open(tree).Put("orders", 100);
        tx.RollBackTo(savepoint);
        Assert.That(tx[_orders].Next(), Is.EqualTo(9), "what was written by hand is rolled back");
    }

    [Test]
    public void NumbersOfAnAbortedTransaction_AreNoneOfTheNextOne()
    {
        using (var tx = _database.BeginWrite())
        {
            tx[_orders].Take(100);
        }

        using (var tx = _database.BeginWrite())
        {
            var savepoint = tx.Savepoint();
            tx[_orders].Next();
            tx.RollBackTo(savepoint);
            Assert.That(tx[_orders].Last, Is.EqualTo(1));
        }
    }

    [Test]
    public void RollBackTo_ATreeOfTheReservedNameThatIsNone_LeavesItAlone()
    {
        using var tx = _database.BeginWrite();
        var tree = tx.CreateTree(Sequence.TreeName);
        tx[tree].Put("orders"u8, "mine"u8);
        var savepoint = tx.Savepoint();
        tx.DropTree(tree);
        tx[_orders].Next();
        tx.RollBackTo(savepoint);
        Assert.That(tx[tree].Get("orders"u8), Is.EqualTo("mine"u8.ToArray()));
        Assert.Throws<CodecMismatchException>(() => tx[_orders].Next());
    }

    [Test]
    public void RollBackTo_AValueThatIsNoNumber_PutsTheNumber()
    {
        using var tx = _database.BeginWrite();
        tx[_orders].Next();
        var tree = _database.GetTree(Sequence.TreeName);
        tx[tree].Put("orders"u8, "mine"u8);
        var savepoint = tx.Savepoint();
        tx[tree].Delete("orders"u8);
        tx[_orders].Take(3);
        tx.RollBackTo(savepoint);
        Assert.That(tx[_orders].Next(), Is.EqualTo(4));
    }

    [Test]
    public void ManySequences_AreAllKept()
    {
        const int Sequences = 3000;
        var sequences = Enumerable.Range(0, Sequences).Select(i => _database.GetSequence($"s{i}")).ToArray();
        using (var tx = _database.BeginWrite())
        {
            var savepoint = tx.Savepoint();
            foreach (var sequence in sequences)
            {
                tx[sequence].Take(2);
            }

            tx.RollBackTo(savepoint);
            tx.Commit();
        }

        Assert.That(sequences.Select(s => _database.Read(read => read.LastOf(s))), Is.All.EqualTo(2));
        using (var tx = _database.BeginWrite())
        {
            var savepoint = tx.Savepoint();
            tx[sequences[0]].Next();
            tx.RollBackTo(savepoint);
            Assert.That((tx[sequences[0]].Last, tx[sequences[1]].Last), Is.EqualTo((3, 2)));
        }
    }
}
