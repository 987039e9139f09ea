using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Engine.Tests.Api;

/// <summary>A transaction that nobody ends is noticed, and where it was begun, if that is tracked.</summary>
public class ForgottenTransactionTests
{
    private readonly ConcurrentQueue<ForgottenTransactionEventArgs> _told = new();
    private Database _database = null!;

    [SetUp]
    public void Open()
    {
        _database = Database.OpenInMemory(new DatabaseOptions { TrackTransactions = true });
        _database.TransactionForgotten += (_, forgotten) => _told.Enqueue(forgotten);
    }

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _told.Clear();
    }

    [TestCase(TransactionKind.Read)]
    [TestCase(TransactionKind.Snapshot)]
    [TestCase(TransactionKind.Write)]
    public void Transaction_ThatIsForgotten_IsToldOnceWithWhereItWasBegun(TransactionKind kind)
    {
        OnAnotherStack(() => Forget(kind));
        CollectAndLook();
        CollectAndLook();

        // The database may have looked by itself just before, and be about to tell.
        Assert.That(() => _told, Has.Count.EqualTo(1).After(10_000, 10));
        var forgotten = _told.Single();
        Assert.That(forgotten.Kind, Is.EqualTo(kind));
        Assert.That(forgotten.TransactionId, Is.EqualTo(kind == TransactionKind.Write ? 2 : 1));
        Assert.That(forgotten.IsAtClosing, Is.False);
        Assert.That(
            forgotten.Origin.GetFrames().Select(frame => frame.GetMethod()?.Name), Does.Contain(nameof(Forget)));
        Assert.That(forgotten.Message, Does.Contain("never disposed").And.Contain(nameof(Forget)));

        _database.Dispose();
        Assert.That(_told, Has.Count.EqualTo(1), "what was told is not told again");
    }

    [Test]
    public void Transactions_ThatEnd_AreNotTold([Values] bool commit)
    {
        OnAnotherStack(() =>
        {
            using (var transaction = _database.BeginWrite())
            {
                transaction.Main.Put("k"u8, "v"u8);
                if (commit)
                {
                    transaction.Commit();
                }
            }

            using var snapshot = _database.OpenSnapshot();
            using var read = snapshot.BeginRead();
            using var other = _database.BeginRead();
            using var write = _database.BeginWrite();
            write.CommitAsync().AsTask().GetAwaiter().GetResult();
        });
        CollectAndLook();
        _database.Dispose();

        Assert.That(_told, Is.Empty);
    }

    [Test]
    public void Transactions_ThatAreStillUsed_AreNotTold()
    {
        using var snapshot = _database.OpenSnapshot();
        using var read = _database.BeginRead();
        using var write = _database.BeginWrite();
        CollectAndLook();

        Assert.That(_told, Is.Empty);
        Assert.That((read.TransactionId, snapshot.TransactionId, write.TransactionId), Is.EqualTo((1, 1, 2)));
    }

    [Test]
    public void Transactions_ThatClosingFindsOpen_AreTold()
    {
        var snapshot = _database.OpenSnapshot();
        var write = _database.BeginWrite();
        _database.Dispose();

        Assert.That(
            _told.Select(forgotten => forgotten.Kind),
            Is.EquivalentTo(new[] { TransactionKind.Snapshot, TransactionKind.Write }));
        Assert.That(_told, Has.All.Property(nameof(ForgottenTransactionEventArgs.IsAtClosing)).True);
        Assert.That(_told.First().Message, Does.Contain("still open when the database was closed"));
        snapshot.Dispose();
        write.Dispose();
    }

    [Test]
    public void Transaction_ThatIsForgottenWithALoad_OfWhichItsSavepointsKnow_IsTold()
    {
        OnAnotherStack(ForgetLoad);
        CollectAndLook();
        Assert.That(() => _told, Has.Count.EqualTo(1).After(10_000, 10));
    }

    [Test]
    public void Writer_WhoseTurnDidNotCome_IsNotTold()
    {
        using var holder = _database.BeginWrite();
        OnAnotherStack(() => Assert.That(_database.TryBeginWrite(TimeSpan.Zero, out _), Is.False));
        CollectAndLook();

        Assert.That(_told, Is.Empty);
    }

    [Test]
    public void WithoutAHandler_TheMessageIsTraced()
    {
        using var database = Database.OpenInMemory(new DatabaseOptions { TrackTransactions = true });
        using var writer = new StringWriter();
        using var listener = new TextWriterTraceListener(writer);
        Trace.Listeners.Add(listener);
        try
        {
            var snapshot = database.OpenSnapshot();
            database.Dispose();
            snapshot.Dispose();
        }
        finally
        {
            Trace.Listeners.Remove(listener);
        }

        Assert.That(
            writer.ToString(),
            Does.Contain("A snapshot of").And.Contain("was still open when the database was closed"));
    }

    [Test]
    public void WithoutTracking_NothingIsTold()
    {
        var database = Database.OpenInMemory();
        database.TransactionForgotten += (_, forgotten) => _told.Enqueue(forgotten);
        _ = database.OpenSnapshot();
        database.Dispose();

        Assert.That(_told, Is.Empty);
    }

    /// <summary>
    /// What was on that stack is garbage afterwards, whatever the compiler keeps alive to the end of a method.
    /// </summary>
    private static void OnAnotherStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.That(failure, Is.Null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Forget(TransactionKind kind)
    {
        switch (kind)
        {
            case TransactionKind.Read:
#pragma warning disable ENGINE002 // That is the point.
                _ = _database.BeginRead();
#pragma warning restore ENGINE002
                break;
            case TransactionKind.Snapshot:
                _ = _database.OpenSnapshot();
                break;
            default:
                _ = _database.BeginWrite();
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ForgetLoad()
    {
        var transaction = _database.BeginWrite();
        transaction.Main.BeginLoad().Add("k"u8, "v"u8);
        transaction.Savepoint();
    }

    private void CollectAndLook()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        _database.LookForForgotten();
    }
}
