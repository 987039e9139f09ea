using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Whoever waits (for the turn to write, for a flush, for the end of an operation) may leave in any way: the next in
/// line comes all the same, and what was waited for ends well.
/// </summary>
public class LeavingTests
{
    private static readonly (Place Place, Way Way, Type? Outcome)[] Table =
    [
        (Place.Begin, Way.Interruption, typeof(ThreadInterruptedException)),
        (Place.Begin, Way.Timeout, typeof(WriterTimeoutException)),
        (Place.Begin, Way.Closing, typeof(ObjectDisposedException)),
        (Place.Begin, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.TryBegin, Way.Interruption, typeof(ThreadInterruptedException)),
        (Place.TryBegin, Way.Timeout, null),
        (Place.TryBegin, Way.Closing, typeof(ObjectDisposedException)),
        (Place.TryBegin, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.BeginAsync, Way.Cancellation, typeof(OperationCanceledException)),
        (Place.BeginAsync, Way.Timeout, typeof(WriterTimeoutException)),
        (Place.BeginAsync, Way.Closing, typeof(ObjectDisposedException)),
        (Place.BeginAsync, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.OvertakenBeginAsync, Way.Cancellation, typeof(OperationCanceledException)),
        (Place.OvertakenBeginAsync, Way.Timeout, typeof(WriterTimeoutException)),
        (Place.OvertakenBeginAsync, Way.Closing, typeof(ObjectDisposedException)),
        (Place.OvertakenBeginAsync, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.Flush, Way.Interruption, typeof(ThreadInterruptedException)),
        (Place.Flush, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.FlushAsync, Way.Cancellation, typeof(OperationCanceledException)),
        (Place.FlushAsync, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.Commit, Way.Interruption, typeof(ThreadInterruptedException)),
        (Place.Commit, Way.Closing, typeof(ObjectDisposedException)),
        (Place.Commit, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.CommitAsync, Way.Cancellation, typeof(OperationCanceledException)),
        (Place.CommitAsync, Way.Closing, typeof(ObjectDisposedException)),
        (Place.CommitAsync, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.CloseDuringFlush, Way.Interruption, null),
        (Place.CloseDuringFlush, Way.Poison, typeof(DatabasePoisonedException)),
        (Place.CloseDuringOperation, Way.Interruption, null),
    ];

    public enum Place
    {
        Begin,
        TryBegin,
        BeginAsync,

        /// <summary>Its turn came, a thread that waited was faster, and now it waits for that one's end.</summary>
        OvertakenBeginAsync,
        Flush,
        FlushAsync,
        Commit,
        CommitAsync,
        CloseDuringFlush,
        CloseDuringOperation,
    }

    public enum Way
    {
        Interruption,
        Cancellation,
        Timeout,
        Closing,
        Poison,
    }

    public static IEnumerable<TestCaseData> Cases() =>
        Table.Select(static row => new TestCaseData(row.Place, row.Way, row.Outcome));

    [TestCaseSource(nameof(Cases))]
    public void WhoeverLeaves_LetsTheNextOneIn(Place place, Way way, Type? outcome)
    {
        using var scene = new LeavingScene(way == Way.Timeout);
        var isAtGate = place is Place.Begin or Place.TryBegin or Place.BeginAsync or Place.OvertakenBeginAsync;
        if (isAtGate)
        {
            scene.BlockGate();
        }
        else if (place == Place.CloseDuringOperation)
        {
            scene.BlockOperation();
        }
        else
        {
            scene.BlockFlush(onFlusher: place is Place.FlushAsync or Place.CommitAsync);
        }

        scene.Wait(place);
        scene.Leave(way);
        if (way is Way.Timeout or Way.Cancellation || (way == Way.Interruption && outcome is not null))
        {
            // At once, not only when the way is free.
            scene.RequireOutcome(outcome);
        }

        scene.Unblock();
        scene.RequireOutcome(outcome);
        scene.RequireGoodEnd(place, way);
    }

    [Test]
    public void Interruption_OfSomebodyWhoseTurnComesAtThatMoment_LosesNoTurn() =>
        Race(static (database, token) =>
        {
            using var transaction = database.BeginWrite();
        }, interrupts: true);

    [Test]
    public void Timeout_OfSomebodyWhoseTurnComesAtThatMoment_LosesNoTurn() =>
        Race(static (database, token) =>
        {
            if (database.TryBeginWrite(TimeSpan.FromMilliseconds(1), out var transaction))
            {
                transaction.Dispose();
            }
        }, interrupts: false);

    [Test]
    public void Cancellation_OfSomebodyWhoseTurnComesAtThatMoment_LosesNoTurn() =>
        Race(static (database, token) =>
        {
            using var transaction = database.BeginWriteAsync(token).AsTask().GetAwaiter().GetResult();
        }, interrupts: false);

    [Test]
    public void Cancellation_OfACommitThatBeginsAtThatMoment_CommitsOrAborts_AndLosesNoTurn()
    {
        using var database = Sample.InMemory();
        for (var round = 0; round < 500; round++)
        {
            using var source = new CancellationTokenSource();
            var transaction = database.BeginWrite();
            transaction.Main.Put("n"u8, Sample.Key(round));
            var mode = round % 2 == 0 ? CommitMode.Durable : CommitMode.Deferred;
            var commit = transaction.CommitAsync(mode, source.Token).AsTask();
            Thread.SpinWait(round * 20);
            source.Cancel();
            try
            {
                commit.GetAwaiter().GetResult();
                Assert.That(Sample.Get(database, "n"u8), Is.EqualTo(Sample.Key(round)));
            }
            catch (OperationCanceledException)
            {
                Assert.That(Sample.Get(database, "n"u8), Is.Not.EqualTo(Sample.Key(round)));
            }

            Assert.Throws<ObjectDisposedException>(() => transaction.Main.Get("n"u8), "it has ended");
        }
    }

    [Test]
    public async Task CommitAsync_WithATokenThatIsCancelledAlready_Aborts([Values] CommitMode mode)
    {
        using var database = Sample.InMemory();
        var transaction = database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAsync(
            Is.InstanceOf<OperationCanceledException>(), async () => await transaction.CommitAsync(mode, cancelled));
        Assert.That(Sample.Get(database, "a"u8), Is.Null);
        Sample.Put(database, "b"u8, "1"u8);
    }

    /// <summary>
    /// Lets somebody wait for a transaction that ends just when the waiting does; then everybody else must get a turn.
    /// </summary>
    private static void Race(Action<Database, CancellationToken> wait, bool interrupts)
    {
        using var database = Sample.InMemory();
        var random = new Random(1);
        for (var round = 0; round < 600; round++)
        {
            var transaction = database.BeginWrite();
            using var source = new CancellationTokenSource();
            var waiters = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                try
                {
                    wait(database, source.Token);
                    Thread.Sleep(0);
                }
                catch (Exception e) when (e is ThreadInterruptedException or OperationCanceledException)
                {
                    // One of the two ways to end.
                }
            })).ToArray();
            Array.ForEach(waiters, static waiter => waiter.Start());
            SpinWait.SpinUntil(() => database.Core.Writer!.WaitingWriters == 2, 1);
            var ending = Task.Run(transaction.Dispose);
            Thread.SpinWait(random.Next(3000));
            source.Cancel();
            if (interrupts)
            {
                Array.ForEach(waiters, static waiter => waiter.Interrupt());
            }

            Assert.That(ending.Wait(Patience.Limit));
            Array.ForEach(waiters, static waiter => Assert.That(waiter.Join(Patience.Limit), "a turn was lost"));
            Assert.That(database.TryBeginWrite(Patience.Limit, out var next), "a turn was lost");
            next!.Dispose();
        }
    }
}
