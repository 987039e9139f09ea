using System.Collections.Concurrent;

namespace Engine.Tests.Transactions;

/// <summary>Transactions within a transaction: their changes become the parent's, or never were.</summary>
public class NestedTransactionTests : TransactionTest
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Database.OpenInMemory(Defaults);

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Commit_LeavesTheChangesToTheParent_AndNothingIsDurableBefore(
        [Values] CommitMode mode, [Values] bool isAsync)
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "parent"u8);
        using (var nested = transaction.BeginNested())
        {
            Assert.That(nested.TransactionId, Is.EqualTo(transaction.TransactionId));
            Assert.That(nested.Main.Get("a"u8), Is.EqualTo("parent"u8.ToArray()));
            nested.Main.Put("a"u8, "nested"u8);
            nested.CreateTree("tree");
            var id = isAsync ? nested.CommitAsync(mode).AsTask().GetAwaiter().GetResult() : nested.Commit(mode);
            Assert.That(id, Is.EqualTo(transaction.TransactionId));
            Assert.That(() => nested.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => nested.Commit(), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(() => nested.Abort(), Throws.TypeOf<ObjectDisposedException>());
        }

        Assert.That(Get(_database, "a"u8), Is.Null);
        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("nested"u8.ToArray()));
        transaction.Commit(mode);
        Assert.That(Get(_database, "a"u8), Is.EqualTo("nested"u8.ToArray()));
        using var read = _database.BeginRead();
        Assert.That(read.TreeExists(_database.GetTree("tree")));
    }

    [Test]
    public void AbortAndDispose_UndoWhatTheNestedOneDid([Values] bool dispose)
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "parent"u8);
        var nested = transaction.BeginNested();
        nested.Main.Put("a"u8, "nested"u8);
        nested.CreateTree("tree");
        if (dispose)
        {
            nested.Dispose();
        }
        else
        {
            nested.Abort();
        }

        nested.Dispose();
        Assert.That(() => nested.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(transaction.TreeExists(_database.GetTree("tree")), Is.False);
        transaction.Commit();
        Assert.That(Get(_database, "a"u8), Is.EqualTo("parent"u8.ToArray()));
    }

    [Test]
    public void Parent_WhileANestedOneIsOpen_CanOnlyBeAbortedOrDisposed([Values] bool dispose)
    {
        var transaction = _database.BeginWrite();
        var savepoint = transaction.Savepoint();
        var nested = transaction.BeginNested();
        nested.Main.Put("a"u8, "nested"u8);
        Action[] uses =
        [
            () => transaction.Main.Get("a"u8),
            () => transaction.Main.Put("a"u8, "1"u8),
            () => transaction.Main.OpenCursor().MoveToFirst(),
            () => transaction.Read(static read => read.Main.Count),
            () => transaction.CreateTree("tree"),
            () => transaction.Savepoint(),
            () => transaction.RollBackTo(savepoint),
            () => transaction.Release(savepoint),
            () => transaction.BeginNested(),
            () => transaction.Main.BeginLoad(),
            () => transaction.Commit(),
            () => transaction.CommitAsync().AsTask().GetAwaiter().GetResult(),
        ];
        foreach (var use in uses)
        {
            Assert.That(() => use(), Throws.InvalidOperationException.With.Message.Contains("nested"));
        }

        Assert.That(nested.Main.Get("a"u8), Is.EqualTo("nested"u8.ToArray()));
        if (dispose)
        {
            transaction.Dispose();
        }
        else
        {
            transaction.Abort();
        }

        Assert.That(() => nested.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
        nested.Dispose();
        transaction.Dispose();
        Put(_database, "b"u8, "2"u8);
        Assert.That(Get(_database, "a"u8), Is.Null);
    }

    [Test]
    public void Savepoints_OfAParentAndOfANestedOne_AreStrangersToEachOther()
    {
        using var transaction = _database.BeginWrite();
        var ofParent = transaction.Savepoint();
        Savepoint ofNested;
        using (var nested = transaction.BeginNested())
        {
            ofNested = nested.Savepoint();
            nested.Main.Put("a"u8, "1"u8);
            Assert.That(() => nested.RollBackTo(ofParent), Throws.TypeOf<SavepointException>());
            Assert.That(() => nested.Release(ofParent), Throws.TypeOf<SavepointException>());
            nested.Savepoint();
            nested.RollBackTo(ofNested);
            nested.Main.Put("a"u8, "2"u8);
            nested.Commit();
            Assert.That(() => nested.RollBackTo(ofNested), Throws.TypeOf<ObjectDisposedException>());
        }

        Assert.That(() => transaction.RollBackTo(ofNested), Throws.TypeOf<SavepointException>());
        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("2"u8.ToArray()));
        transaction.RollBackTo(ofParent);
        Assert.That(transaction.Main.Get("a"u8), Is.Null);
    }

    [Test]
    public void SavepointsThatANestedOneDidNotRelease_GoWithIt()
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        using (var nested = transaction.BeginNested())
        {
            nested.Savepoint();
            nested.Main.Put("a"u8, "2"u8);
            nested.Savepoint();
            nested.Main.Put("a"u8, "3"u8);
            nested.Commit();
        }

        using (transaction.Enter(out var context))
        {
            Assert.That(context.SavepointBytes, Is.Zero);
        }

        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("3"u8.ToArray()));
    }

    [Test]
    public void ThreeDeep_EachUndoesItsOwn([Range(0, 7)] int commits)
    {
        using var transaction = _database.BeginWrite();
        var expected = Nest(transaction, 0);
        Assert.That(transaction.Main.Count, Is.EqualTo(expected));
        transaction.Commit();
        Assert.That(_database.GetStatistics().Main.Entries, Is.EqualTo(expected));

        int Nest(WriteTransaction parent, int depth)
        {
            parent.Main.Put([(byte)depth], [1]);
            if (depth == 3)
            {
                return 1;
            }

            using var nested = parent.BeginNested();
            var below = Nest(nested, depth + 1);
            if ((commits >> depth & 1) == 0)
            {
                return 1;
            }

            nested.Commit();
            return 1 + below;
        }
    }

    [Test]
    public void OutermostAborted_WithSeveralOpen_EndsThemAll([Values] bool middle)
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        using var first = transaction.BeginNested();
        first.Main.Put("a"u8, "2"u8);
        using var second = first.BeginNested();
        using var third = second.BeginNested();
        third.Main.Put("a"u8, "3"u8);
        (middle ? first : transaction).Abort();
        foreach (var ended in (WriteTransaction[])[first, second, third])
        {
            Assert.That(() => ended.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
        }

        if (middle)
        {
            Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
            transaction.Commit();
        }

        Assert.That(Get(_database, "a"u8), middle ? Is.EqualTo("1"u8.ToArray()) : Is.Null);
    }

    [Test]
    public void CommitAsync_WithACancelledToken_UndoesTheNestedOneOnly()
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        using (var nested = transaction.BeginNested())
        {
            nested.Main.Put("a"u8, "2"u8);
            Assert.That(
                async () => await nested.CommitAsync(new CancellationToken(canceled: true)),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => nested.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
        }

        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        transaction.Commit();
        Assert.That(Get(_database, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Load_OfTheParent_DoesNotKeepANestedOneFromCommitting_AndGoesOn([Values] bool commit)
    {
        using var transaction = _database.BeginWrite();
        using var load = transaction.Main.BeginLoad();
        load.Add("a"u8, "1"u8);
        using (var nested = transaction.BeginNested())
        {
            Assert.That(() => load.Add("b"u8, "1"u8), Throws.InvalidOperationException);
            nested.Main.Put("c"u8, "1"u8);
            if (commit)
            {
                nested.Commit();
            }
        }

        Assert.That(() => transaction.Commit(), Throws.InvalidOperationException);
        load.Add("b"u8, "1"u8);
        load.Complete();
        Assert.That((load.Added, transaction.Main.Count), Is.EqualTo((2, commit ? 3 : 2)));
        transaction.Commit();
    }

    [Test]
    public void Load_OfANestedOne_KeepsItFromCommitting_AndIsGoneWhenItIsAborted()
    {
        using var transaction = _database.BeginWrite();
        var nested = transaction.BeginNested();
        using var load = nested.Main.BeginLoad();
        load.Add("a"u8, "1"u8);
        Assert.That(() => nested.Commit(), Throws.InvalidOperationException);
        nested.Abort();
        Assert.That(() => load.Add("b"u8, "1"u8), Throws.InvalidOperationException);
        load.Dispose();
        transaction.Main.Put("c"u8, "1"u8);
        transaction.Commit();
        Assert.That(_database.GetStatistics().Main.Entries, Is.EqualTo(1));
    }

    [Test]
    public void Failure_InANestedOne_IsUndoneWithIt([Values] bool commit)
    {
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        using (var nested = transaction.BeginNested())
        {
            nested.Main.Put("a"u8, "2"u8);
            Assert.That(
                () => nested.Main.Put("b"u8, 10, 0, static (_, _) => throw new NotSupportedException()),
                Throws.TypeOf<NotSupportedException>());
            Assert.That(() => nested.Main.Get("a"u8), Throws.InvalidOperationException);
            if (commit)
            {
                Assert.That(() => nested.Commit(), Throws.InvalidOperationException);
                Assert.That(() => nested.Commit(), Throws.TypeOf<ObjectDisposedException>());
            }
        }

        Assert.That(transaction.Main.Get("a"u8), Is.EqualTo("1"u8.ToArray()));
        transaction.Commit();
        Assert.That(Get(_database, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Closing_WithANestedOneOpen_EndsBoth()
    {
        var transaction = _database.BeginWrite();
        var nested = transaction.BeginNested();
        _database.Dispose();
        Assert.That(() => nested.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => transaction.Main.Get("a"u8), Throws.TypeOf<ObjectDisposedException>());
        nested.Dispose();
        transaction.Dispose();
    }

    [Test]
    public void NestedOnes_ThatEnd_AreNotForgotten([Values] bool commit, [Values] bool parentFirst)
    {
        var told = new ConcurrentQueue<ForgottenTransactionEventArgs>();
        var database = Database.OpenInMemory(new DatabaseOptions { TrackTransactions = true });
        database.TransactionForgotten += (_, forgotten) => told.Enqueue(forgotten);
        var transaction = database.BeginWrite();
        var nested = transaction.BeginNested();
        if (parentFirst)
        {
            transaction.Dispose();
        }
        else if (commit)
        {
            nested.Commit();
        }

        nested.Dispose();
        transaction.Dispose();
        database.Dispose();
        Assert.That(told, Is.Empty);
    }

    [Test]
    public void NestedOne_ThatIsStillOpenAtTheClosing_IsTold()
    {
        var told = new ConcurrentQueue<ForgottenTransactionEventArgs>();
        var database = Database.OpenInMemory(new DatabaseOptions { TrackTransactions = true });
        database.TransactionForgotten += (_, forgotten) => told.Enqueue(forgotten);
        var transaction = database.BeginWrite();
        var nested = transaction.BeginNested();
        database.Dispose();
        Assert.That(told.Select(static forgotten => forgotten.Kind), Is.All.EqualTo(TransactionKind.Write));
        Assert.That(told, Has.Count.EqualTo(2));
        nested.Dispose();
        transaction.Dispose();
    }

    [Test]
    public void EndedTransaction_DisposedWhileAnotherOneNests_DisturbsNobody()
    {
        // Who disposes looks at what runs now, which another thread changes.
        for (var round = 0; round < 200; round++)
        {
            using var database = Database.OpenInMemory(Defaults);
            var ended = database.BeginWrite();
            ended.Commit();
            using var started = new ManualResetEventSlim();
            var disposing = Task.Run(() =>
            {
                started.Set();
                for (var i = 0; i < 2000; i++)
                {
                    ended.Dispose();
                }
            });
            started.Wait();
            using var transaction = database.BeginWrite();
            Nest(transaction, 5);
            disposing.GetAwaiter().GetResult();
        }

        static void Nest(WriteTransaction parent, int depth)
        {
            if (depth > 0)
            {
                using var nested = parent.BeginNested();
                Nest(nested, depth - 1);
                nested.Commit();
            }
        }
    }
}
