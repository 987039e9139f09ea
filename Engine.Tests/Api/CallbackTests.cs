using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Write transactions that are begun and ended for the caller.</summary>
public class CallbackTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Write_ThatIsCancelledWhileItWaits_CallsNobody_AndLosesNoTurn()
    {
        using var database = Sample.InMemory();
        using var source = new CancellationTokenSource();
        var open = database.BeginWrite();
        var wasCalled = false;
        var waiting = Task.Factory.StartNew(
            () => database.Write(_ => { wasCalled = true; }, cancellationToken: source.Token),
            TaskCreationOptions.LongRunning);
        SpinWait.SpinUntil(() => database.Core.Writer!.WaitingWriters == 1, Patience.Limit);
        source.Cancel();
        Assert.That(
            () => waiting.Wait(Patience.Limit),
            Throws.InstanceOf<AggregateException>().With.InnerException.InstanceOf<OperationCanceledException>());
        open.Dispose();
        Assert.That(wasCalled, Is.False);
        Assert.That(database.Write(static tx => tx.Main.TryAdd("a"u8, "1"u8)));
        Assert.That(
            () => database.Write(static tx => tx.Main.Count, cancellationToken: source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task WriteAsync_WithACallbackThatDoesNotAwait_GivesItsResult()
    {
        using var database = Sample.InMemory();
        Assert.That(await database.WriteAsync("k", static (tx, key) => tx.Main.TryAdd([1], [2])), Is.True);
        Assert.That(await database.WriteAsync(static tx => tx.Main.Count), Is.EqualTo(1));
        await Assert.ThrowsAsync(
            Is.InstanceOf<ArgumentException>(),
            async () => await database.WriteAsync(static tx => Task.FromResult(tx.Main.Count)));
        var counts = database.GetCommitStatistics()!;
        Assert.That((counts.Transactions, counts.Groups, counts.LargestGroup), Is.EqualTo((1L, 1L, 1L)));
        Assert.That(counts.Waiting, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void Write_CommitsWhatTheCallbackWrote_AndReturnsItsResult([Values] CommitMode mode)
    {
        var id = _database.Write(
            "a"u8,
            static (transaction, key) =>
            {
                transaction.Main.Put(key, "1"u8);
                return transaction.TransactionId;
            },
            mode);
        var numbers = _database.GetStatistics();
        Assert.That(numbers.TransactionId, Is.EqualTo(id));
        Assert.That(numbers.DurableTransactionId, mode == CommitMode.Durable ? Is.EqualTo(id) : Is.LessThan(id));
        Assert.That(Sample.Get(_database, "a"u8), Is.EqualTo("1"u8.ToArray()));
    }

    [Test]
    public void Write_WhenTheCallbackThrows_AbortsAndThrowsTheSame()
    {
        var thrown = new FormatException();
        var caught = Assert.Throws<FormatException>(() => _database.Write(thrown, static (transaction, e) =>
        {
            transaction.Main.Put("a"u8, "1"u8);
            return e is null ? 0 : throw e;
        }));
        Assert.That(caught, Is.SameAs(thrown));
        Assert.That(Sample.Get(_database, "a"u8), Is.Null);
        Sample.Put(_database, "a"u8, "2"u8);
    }

    [Test]
    public void Write_WhenTheCallbackEndsTheTransaction_SaysSo_AndWhatItDidStays([Values] bool isCommitted)
    {
        Assert.Throws<ObjectDisposedException>(() => _database.Write(isCommitted, static (transaction, isCommitted) =>
        {
            transaction.Main.Put("a"u8, "1"u8);
            if (isCommitted)
            {
                transaction.Commit();
            }
            else
            {
                transaction.Abort();
            }

            return 0;
        }));
        Assert.That(Sample.Get(_database, "a"u8), isCommitted ? Is.Not.Null : Is.Null);
        Sample.Put(_database, "b"u8, "2"u8);
    }

    [Test]
    public void Write_WithACallbackThatReturnsATask_IsRefused_AndNothingIsCalled()
    {
        var isCalled = false;
        Assert.Throws<ArgumentException>(() => _database.Write(0, (_, _) => Note(Task.CompletedTask)));
        Assert.Throws<ArgumentException>(() => _database.Write(0, (_, _) => Note(Task.FromResult(1))));
        Assert.Throws<ArgumentException>(() => _database.Write(0, (_, _) => Note(default(ValueTask))).AsTask());
        Assert.Throws<ArgumentException>(() => _database.Write(0, (_, _) => Note(default(ValueTask<int>))).AsTask());
        Assert.Throws<ArgumentNullException>(() => _database.Write<int, int>(0, null!));
        Assert.That(isCalled, Is.False);

        T Note<T>(T value)
        {
            isCalled = true;
            return value;
        }
    }

    [Test]
    public async Task WriteAsync_CommitsWhatTheCallbackWroteBeforeAndAfterAnAwait([Values] CommitMode mode)
    {
        var length = await _database.WriteAsync(
            "value",
            static async (transaction, text, cancellation) =>
            {
                transaction.Main.Put("a"u8, "1"u8);
                await Task.Delay(1, cancellation);
                transaction.Main.Put("b"u8, System.Text.Encoding.UTF8.GetBytes(text));
                return text.Length;
            },
            mode);
        Assert.That(length, Is.EqualTo(5));
        Assert.That(
            (Sample.Get(_database, "a"u8), Sample.Get(_database, "b"u8)),
            Is.EqualTo(("1"u8.ToArray(), "value"u8.ToArray())));
    }

    [Test]
    public async Task WriteAsync_WhenTheCallbackFails_AbortsAndThrowsTheSame([Values] bool isLate)
    {
        var thrown = new FormatException();
        var caught = await Assert.ThrowsAsync<FormatException>(
            async () => await _database.WriteAsync(0, async (transaction, _, _) =>
            {
                transaction.Main.Put("a"u8, "1"u8);
                if (isLate)
                {
                    await Task.Yield();
                }

                return thrown is null ? 0 : throw thrown;
            }));
        Assert.That(caught, Is.SameAs(thrown));
        Assert.That(Sample.Get(_database, "a"u8), Is.Null);
        Sample.Put(_database, "a"u8, "2"u8);
    }

    [Test]
    public async Task WriteAsync_WhenCancelled_CommitsNothing()
    {
        using var source = new CancellationTokenSource();
        await Assert.ThatAsync(
            async () => await _database.WriteAsync(
                source,
                static (transaction, source, _) =>
                {
                    transaction.Main.Put("a"u8, "1"u8);
                    source.Cancel();
                    return ValueTask.FromResult(0);
                },
                cancellationToken: source.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Sample.Get(_database, "a"u8), Is.Null);
        Sample.Put(_database, "a"u8, "2"u8);
    }
}
