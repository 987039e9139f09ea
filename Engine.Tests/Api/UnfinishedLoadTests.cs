using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// Loads that are not finished when the transaction is to be committed: no part of a load is ever committed without a
/// word.
/// </summary>
public class UnfinishedLoadTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Database.OpenInMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Commit_WhileALoadIsOpen_IsRefused_AndTheLoadCanBeCompleted([Values] bool sorted, [Values] bool isAsync)
    {
        using var transaction = _database.BeginWrite();
        using var loader = transaction.Main.BeginLoad();
        foreach (var i in sorted ? (int[])[1, 2, 3, 4, 5, 6] : [3, 4, 5, 1, 2, 6])
        {
            loader.Add(Sample.Key(i), Sample.Bytes(10, i));
        }

        var refusal = Assert.Throws<InvalidOperationException>(() => Commit(transaction, isAsync));
        Assert.That(refusal.Message, Does.Contain("BulkLoader.Complete"));
        loader.Add(Sample.Key(0), default);
        loader.Complete();
        Commit(transaction, isAsync);
        Assert.That(Sample.ReadAll(_database)[string.Empty], Has.Count.EqualTo(7));
    }

    [Test]
    public void Commit_WhileAnyLoadIsOpen_IsRefused_EvenWithoutEntries_AndTheTransactionCanBeAborted()
    {
        using (var transaction = _database.BeginWrite())
        {
            var first = transaction.Main.BeginLoad();
            var second = transaction[transaction.CreateTree("t")].BeginLoad();
            first.Add("a"u8, default);
            first.Complete();
            Assert.Throws<InvalidOperationException>(() => transaction.Commit());
            transaction.Main.Put("goes on"u8, default);
            transaction.Abort();
            second.Dispose();
            Assert.Throws<InvalidOperationException>(() => second.Add("a"u8, default));
        }

        Assert.That(_database.GetStatistics().Main.Entries, Is.Zero);
    }

    [Test]
    public void Dispose_WithoutComplete_LeavesATransactionThatCanOnlyBeAborted(
        [Values] bool sorted, [Values] bool isAsync)
    {
        using (var transaction = _database.BeginWrite())
        {
            using (var loader = transaction.Main.BeginLoad())
            {
                loader.Add(sorted ? "a"u8 : "b"u8, "1"u8);
                loader.Add(sorted ? "b"u8 : "a"u8, "2"u8);
                loader.Dispose();
                Assert.Throws<InvalidOperationException>(() => loader.Add("c"u8, default));
                Assert.Throws<InvalidOperationException>(loader.Complete);
            }

            Assert.Throws<InvalidOperationException>(() => transaction.Main.Put("c"u8, default));
            var refusal = Assert.Throws<InvalidOperationException>(() => Commit(transaction, isAsync));
            Assert.That(refusal.Message, Does.Contain("2 entries").And.Contain("without BulkLoader.Complete"));
            Assert.Throws<ObjectDisposedException>(() => transaction.Main.BeginLoad());
        }

        Assert.That(_database.GetStatistics().Main.Entries, Is.Zero);
        Sample.Put(_database, "a"u8, "the next transaction knows nothing of it"u8);
    }

    [Test]
    public void Dispose_OfALoadWithoutEntries_LeavesTheTransactionAsItWas()
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        transaction.Main.BeginLoad().Dispose();
        transaction.Commit();
        Assert.That(Sample.Get(_database, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Complete_ThatFailsHalfway_LeavesATransactionThatCanOnlyBeAborted([Values("step", "tree")] string cause)
    {
        using var transaction = _database.BeginWrite();
        var tree = transaction.CreateTree("t");
        using var loader = transaction[tree].BeginLoad();
        for (var i = 1000; i > 0; i--)
        {
            loader.Add(Sample.Key(i), default);
        }

        if (cause == "step")
        {
            Action fails = static () => throw new NotSupportedException("by the test");
            Assert.Throws<NotSupportedException>(() => loader.Complete(fails));
        }
        else
        {
            transaction.DropTree(tree);
            Assert.Throws<TreeNotFoundException>(() => loader.Complete());
        }

        loader.Dispose();
        Assert.Throws<InvalidOperationException>(() => loader.Complete());
        Assert.Throws<InvalidOperationException>(() => transaction.Commit());
        Assert.Throws<ObjectDisposedException>(() => transaction.Commit());
    }

    [Test]
    public void LoadOfAFinishedTransaction_CanBeDisposed_AndDoesNotTouchTheNextOne()
    {
        var transaction = _database.BeginWrite();
        var loader = transaction.Main.BeginLoad();
        loader.Add("b"u8, default);
        loader.Add("a"u8, default);
        transaction.Dispose();
        using var next = _database.BeginWrite();
        next.Main.Put("n"u8, default);
        Assert.Throws<ObjectDisposedException>(() => loader.Complete());
        loader.Dispose();
        next.Commit();
        Assert.That(_database.GetStatistics().Main.Entries, Is.EqualTo(1));
    }

    [Test]
    public void Load_InACallbackOfItsTransaction_IsNeitherCompletedNorAbandoned()
    {
        using var transaction = _database.BeginWrite();
        using var loader = transaction.Main.BeginLoad();
        loader.Add("b"u8, default);
        loader.Add("a"u8, default);
        transaction.Read(loader, static (_, loader) =>
        {
            Assert.Throws<InvalidOperationException>(() => loader.Complete());
            Assert.Throws<InvalidOperationException>(() => loader.Dispose());
            return 0;
        });
        loader.Complete();
        transaction.Commit();
        Assert.That(_database.GetStatistics().Main.Entries, Is.EqualTo(2));
    }

    private static void Commit(WriteTransaction transaction, bool isAsync)
    {
        if (isAsync)
        {
            transaction.CommitAsync().AsTask().GetAwaiter().GetResult();
        }
        else
        {
            transaction.Commit();
        }
    }
}
