using static Engine.Tests.Expiry.ExpiringDatabase;

namespace Engine.Tests.Expiry;

/// <summary>How what has expired is removed: by commits, bounded, and by calls.</summary>
public class ExpiredRemovalTests
{
    private ExpiringDatabase _expiring = null!;

    private Database Database => _expiring.Database;

    private ExpiringTree Tree => _expiring.Tree;

    private long Stored => Database.Read(Tree, static (read, tree) => read[tree].CountWithExpired);

    [SetUp]
    public void Open() => _expiring = new ExpiringDatabase(pageSize: 512);

    [TearDown]
    public void Close()
    {
        _expiring.RequireIndex();
        Assert.That(Database.Check().Problems, Is.Empty);
        _expiring.Dispose();
    }

    [TestCase(1, 18)]
    [TestCase(5, 26)]
    public void Commit_RemovesAsManyAsItsWritesAllow_TheOldestFirst(int writes, int removed)
    {
        Fill(100);
        _expiring.Time.Now = At(1000);
        Database.Write(tx =>
        {
            for (var i = 0; i < writes; i++)
            {
                tx[Tree].Put(BitConverter.GetBytes(1000 + i), "v"u8);
            }
        });

        Assert.That(Stored, Is.EqualTo(100 + writes - removed));
        var times = Database.GetTree(Tree.TimesName);
        var oldest = Database.Read(
            times, static (read, tree) => read[tree].TryGetFirst(out var entry)
                ? entry.Key[8..].ToArray()
                : []);
        Assert.That(BitConverter.ToInt32(oldest), Is.EqualTo(100 - 1 - removed));
    }

    [Test]
    public void Commit_ThatWroteNothingToTheTree_RemovesNothing()
    {
        Fill(100);
        _expiring.Time.Now = At(1000);
        Database.Write(tx => tx.Main.Put("a"u8, "1"u8));
        Database.Write(static _ => { });
        using (var tx = Database.BeginWrite())
        {
            var before = tx.Savepoint();
            tx[Tree].Put("a"u8, "1"u8);
            tx.RollBackTo(before);
            tx.Main.Put("b"u8, "1"u8);
            tx.Commit();
        }

        using (var tx = Database.BeginWrite())
        {
            tx[Tree].Put("a"u8, "1"u8);
        }

        Database.Write(tx => tx.Main.Put("c"u8, "1"u8));
        Assert.That(Stored, Is.EqualTo(100));
    }

    [Test]
    public void Commits_ThatWrite_KeepTheTreeClean()
    {
        for (var round = 0; round < 200; round++)
        {
            _expiring.Time.Now = At(round * 10);
            Database.Write(
                tx =>
                {
                    for (var i = 0; i < 10; i++)
                    {
                        tx[Tree].Put(BitConverter.GetBytes((round * 10) + i), "value"u8, TimeSpan.FromMilliseconds(95));
                    }
                },
                CommitMode.Deferred);
            Assert.That(Stored, Is.LessThanOrEqualTo(110));
        }
    }

    [Test]
    public void Commit_OfANestedTransaction_CleansWithTheOuterOne()
    {
        Fill(100);
        _expiring.Time.Now = At(1000);
        using var tx = Database.BeginWrite();
        using (var nested = tx.BeginNested())
        {
            nested[Tree].Put("a"u8, "1"u8);
            nested.Commit();
        }

        Assert.That(tx[Tree].CountWithExpired, Is.EqualTo(101));
        tx.Commit();
        Assert.That(Stored, Is.EqualTo(101 - 18));
    }

    [Test]
    public void Commit_OfATreeThatIsMovedBetweenWrites_CleansItOnce()
    {
        Fill(100);
        _expiring.Time.Now = At(1000);
        Database.Write(tx =>
        {
            tx[Tree].Put("a"u8, "1"u8);
            var definition = tx.Read(read => read.GetDefinition(Tree.Untyped));
            tx.MoveTrees([new TreeMove(Tree.Name, Tree.Name, definition)]);
            tx[Tree].Put("b"u8, "1"u8);
        });
        Assert.That(Stored, Is.EqualTo(102 - 18));
    }

    [Test]
    public void Commit_OfATreeThatIsMadeWhatItWasBetweenWrites_CleansItOnce()
    {
        Fill(100);
        using var before = Database.OpenSnapshot();
        _expiring.Time.Now = At(1000);
        Database.Write(tx =>
        {
            tx[Tree].Put("a"u8, "1"u8);
            tx.RollBackTo(before);
            tx[Tree].Put("b"u8, "1"u8);
        });
        Assert.That(Stored, Is.EqualTo(101 - 18));
    }

    [Test]
    public void Commit_AfterARollback_PaysForWhatIsLeftOfItsWrites()
    {
        Fill(100);
        _expiring.Time.Now = At(1000);
        using var tx = Database.BeginWrite();
        tx[Tree].Put("a"u8, "1"u8);
        var before = tx.Savepoint();
        tx[Tree].Put("b"u8, "1"u8);
        tx[Tree].Put("c"u8, "1"u8);
        tx.RenameTree(Tree.Untyped, "other");
        tx.RollBackTo(before);
        tx.Commit();
        Assert.That(Stored, Is.EqualTo(101 - 18));
    }

    [Test]
    public void Commit_OfATreeThatTakesTheNameOfADroppedOne_CleansItOnce()
    {
        Fill(100);
        var other = Database.GetExpiringTree("other");
        Database.Write(tx =>
        {
            tx.RenameTree(Tree.Untyped, other.Name);
            tx.CreateExpiringTree(Tree.Name);
        });
        _expiring.Time.Now = At(1000);
        Database.Write(tx =>
        {
            tx[Tree].Put("a"u8, "1"u8);
            tx.DropTree(Tree.Untyped);
            tx[other].Put("b"u8, "1"u8);
            tx.RenameTree(other.Untyped, Tree.Name);
        });
        Assert.That(Stored, Is.EqualTo(101 - 18));
    }

    [Test]
    public async Task CommitsThatShareAFlush_EachPayForTheirOwnWrites()
    {
        Fill(200);
        _expiring.Time.Now = At(1000);
        var writes = Enumerable.Range(0, 5).Select(i => Database.WriteAsync(tx =>
        {
            tx[Tree].Put(BitConverter.GetBytes(1000 + i), "v"u8);
            return true;
        }).AsTask());
        await Task.WhenAll(writes);
        Assert.That(Stored, Is.EqualTo(205 - (5 * 18)));
    }

    [Test]
    public void RemoveExpired_OfAWriter_RemovesNoMoreThanAsked_AndWhatIsLeftIsTheRest()
    {
        Fill(100);
        _expiring.Time.Now = At(49);
        Database.Write(tx =>
        {
            Assert.That(tx[Tree].RemoveExpired(0), Is.Zero);
            Assert.That(tx[Tree].RemoveExpired(20), Is.EqualTo(20));
        });
        Assert.That(Stored, Is.EqualTo(80));
        var seen = _expiring.Show();
        Database.Write(tx => Assert.That(tx[Tree].RemoveExpired(int.MaxValue), Is.EqualTo(29)));
        Assert.That(Stored, Is.EqualTo(51));
        Assert.That(_expiring.Show(), Is.EqualTo(seen));
    }

    [TestCase(long.MaxValue, 700)]
    [TestCase(300, 300)]
    [TestCase(0, 0)]
    public async Task RemoveExpired_OfTheDatabase_WorksInSmallTransactions(long most, int removed)
    {
        Fill(1000);
        _expiring.Time.Now = At(700);
        var before = Database.OpenSnapshot().TransactionId;
        Assert.That(Database.RemoveExpired(Tree, most), Is.EqualTo(removed));
        Assert.That(Database.OpenSnapshot().TransactionId - before, Is.EqualTo((removed + 255) / 256));
        Assert.That(Stored, Is.EqualTo(1000 - removed));
        Assert.That(await Database.RemoveExpiredAsync(Tree), Is.EqualTo(700 - removed));
        Assert.That(Database.RemoveExpired(Tree), Is.Zero);
    }

    [Test]
    public void RemoveExpired_Cancelled_KeepsWhatItHasRemoved()
    {
        Fill(10);
        _expiring.Time.Now = At(700);
        Assert.Throws<OperationCanceledException>(
            () => Database.RemoveExpired(Tree, cancellationToken: new CancellationToken(canceled: true)));
        Assert.That(
            async () => await Database.RemoveExpiredAsync(Tree, cancellationToken: new CancellationToken(true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.Throws<ArgumentOutOfRangeException>(() => Database.RemoveExpired(Tree, -1));
        Assert.That(Stored, Is.EqualTo(10));
    }

    /// <summary>Entries of which the last one expires first, one a millisecond.</summary>
    private void Fill(int count) => Database.Write(tx =>
    {
        for (var i = 0; i < count; i++)
        {
            tx[Tree].Put(BitConverter.GetBytes(i), "v"u8, At(count - i));
        }
    });
}
