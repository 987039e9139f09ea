using System.Buffers;

namespace Engine.Tests.Transactions;

/// <summary>Operations that fail, are refused, or run user code that fails.</summary>
public class FailedOperationTests : TransactionTest
{
    private const int Large = 512 * 1024;

    [Test]
    public void Put_WithACallback_ShowsItZeros([Values(10, 5000, Large)] int length)
    {
        using var database = Database.OpenInMemory(Defaults);
        for (var round = 0; round < 2; round++)
        {
            using var transaction = database.BeginWrite();
            transaction.Main.Put("other"u8, Bytes(length));
            var areZeros = false;
            transaction.Main.Put("key"u8, length, 0, (span, _) => areZeros = !span.ContainsAnyExcept((byte)0));
            Assert.That(areZeros, Is.True);
        }
    }

    [Test]
    public void Put_WithACallbackThatThrows_LeavesATransactionThatCanOnlyBeAborted([Values(10, 5000, Large)] int length)
    {
        using var database = Database.OpenInMemory(Defaults);
        using var transaction = database.BeginWrite();
        SpanAction<byte, int> fill = (_, _) => throw new TreeExistsException("of another database, say");
        Assert.That(() => transaction.Main.Put("key"u8, length, 0, fill), Throws.TypeOf<TreeExistsException>());
        Assert.That(() => transaction.Main.Put("key"u8, "value"u8), Throws.InvalidOperationException);
        Assert.That(() => transaction.Main.Get("key"u8), Throws.InvalidOperationException);
        Assert.That(() => transaction.Read(0, static (read, _) => read.Main.Count), Throws.InvalidOperationException);
        Assert.That(() => transaction.Commit(), Throws.InvalidOperationException);
        Assert.That(Get(database, "key"u8), Is.Null);
        Put(database, "key"u8, "value"u8);
    }

    [Test]
    public void Put_OfALargeValueOnAFullDisk_SaysSoInTheEnginesWords()
    {
        using var storage = new FaultStorage();
        using var database = Open(storage);
        storage.BeforeWrite = _ => throw FaultStorage.Full;
        using (var transaction = database.BeginWrite())
        {
            Assert.That(() => transaction.Main.Put("key"u8, Bytes(Large)), Throws.TypeOf<DatabaseFullException>());
            Assert.That(() => transaction.Commit(), Throws.InvalidOperationException);
        }

        storage.BeforeWrite = null;
        Put(database, "key"u8, "value"u8);
        Assert.That(Get(database, "key"u8), Is.EqualTo("value"u8.ToArray()));
    }

    [Test]
    public void Flush_IsDueAlsoWhenLargeValuesPassedTheLimit()
    {
        using var database = Database.OpenInMemory(
            new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan, DeferredLimit = Large });
        Put(database, "key"u8, Bytes(2 * Large), CommitMode.Deferred);
        var statistics = database.GetStatistics();
        Assert.That(statistics.DurableTransactionId, Is.EqualTo(statistics.TransactionId));
    }

    [Test]
    public void Use_AfterTheDatabaseWasClosed_IsToldThatTheTransactionEnded()
    {
        var database = Database.OpenInMemory(Defaults);
        var transaction = database.BeginWrite();
        var main = database.Main;
        database.Dispose();
        Assert.That(() => transaction[main].Put("key"u8, "value"u8), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => transaction.Commit(), Throws.TypeOf<ObjectDisposedException>());
        transaction.Dispose();
    }

    [Test]
    public void BeginRead_OnASnapshotOfAClosedDatabase_Throws()
    {
        var database = Database.OpenInMemory(Defaults);
        Put(database, "key"u8, "value"u8);
        var snapshot = database.OpenSnapshot();
        Begin(snapshot);
        database.Dispose();
        Assert.That(() => Begin(snapshot), Throws.TypeOf<ObjectDisposedException>());
        snapshot.Dispose();

        static void Begin(Snapshot snapshot)
        {
            using var read = snapshot.BeginRead();
        }
    }

    [Test]
    public void GetTree_WithHalfASurrogatePair_IsRefused()
    {
        using var database = Database.OpenInMemory(Defaults);
        Assert.That(() => database.GetTree("a\uD800"), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Cursor_InATreeThatWasDroppedAndMadeAnew_DoesNotShowTheOldEntry()
    {
        using var database = Database.OpenInMemory(Defaults);
        using (var setUp = database.BeginWrite())
        {
            setUp[setUp.CreateTree("tree")].Put("old"u8, "value"u8);
            setUp.Commit();
        }

        using var transaction = database.BeginWrite();
        var tree = database.GetTree("tree");
        var cursor = transaction[tree].OpenCursor();
        Assert.That(cursor.MoveToFirst(), Is.True);
        transaction.DropTree(tree);
        transaction.CreateTree("tree");
        Assert.That(cursor.IsValid, Is.False);
    }
}
