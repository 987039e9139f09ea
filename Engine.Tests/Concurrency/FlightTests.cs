using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// Who comes while a commit is being flushed: what each of them is told, and that everybody is told something.
/// </summary>
public class FlightTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Test]
    public async Task CommitOfNothing_ByWhoSawAFlightThatFails_IsToldThatTheOutcomeIsUnknown(
        [Values] bool hasMembers, [Values] CommitMode mode)
    {
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var second = hasMembers ? database.WriteAsync(static tx => Put(tx, 1)).AsTask() : first;
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        var open = database.BeginWrite();
        held.Failure = new IOException("the disk is gone");
        held.LetGo();
        await RequirePoisoned(first);
        await RequirePoisoned(second);
        await RequirePoisoned(HeldStorage.OnThread(() => open.Commit(mode)));
        Assert.Throws<DatabasePoisonedException>(() => database.BeginWrite());
    }

    [Test]
    public async Task CommitOfNothing_ByWhoSawWhatIsDurable_SucceedsAlsoAfterAFailure()
    {
        using var held = new HeldStorage();
        var database = held.Database;
        Sample.Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        database.Flush();
        var open = database.BeginWrite();
        var id = database.GetStatistics().TransactionId;
        Assert.That(await Task.Run(() => open.Commit()), Is.EqualTo(id));
    }

    [Test]
    public async Task FlushAsync_WithinATransactionThatHasCommittedThoseBeforeIt_DoesNotWaitForItsEnd()
    {
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => Put(tx, 1), CommitMode.Deferred).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        using var open = database.BeginWrite();

        // Is written early, so those before it are committed first.
        var early = HeldStorage.OnThread(() => open.Main.Put("large"u8, new byte[4_000_000]));
        Thread.Sleep(20);
        held.LetGo();
        await Task.WhenAll(first, second, early).WaitAsync(Soon);

        // Whoever was to commit them has the time to come.
        Thread.Sleep(50);
        await database.FlushAsync().AsTask().WaitAsync(Soon);
        Assert.That(database.GetStatistics().DurableTransactionId, Is.EqualTo(database.GetStatistics().TransactionId));
        open.Commit();
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task FlushAsync_WhileACallbackReadsInATransactionOnTopOfOthers_DoesNotWaitForIt()
    {
        using var held = new HeldStorage();
        var database = held.Database;
        Sample.Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        var first = held.CommitHeld();
        var second = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
        using var open = database.BeginWrite();
        open.CreateTree("b");
        using var leave = new ManualResetEventSlim();
        var reading = HeldStorage.OnThread(() => open.Read(leave, static (read, leave) =>
        {
            leave.Wait();
            return read.Main.Count;
        }));
        held.LetGo();
        await first.WaitAsync(Soon);
        Thread.Sleep(50);
        await database.FlushAsync().AsTask().WaitAsync(Soon);
        leave.Set();
        await Task.WhenAll(reading, second).WaitAsync(Soon);
        open.Commit();
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task WhoIsStillInATransactionThatHasEnded_DoesNotKeepTheNextFlightFromTakingPlace()
    {
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var transaction = database.BeginWrite();
        Put(transaction, 1);
        Engine.Transactions.WriteContext context;
        using (transaction.Enter(out context))
        {
        }

        var second = transaction.CommitAsync().AsTask();

        // Between its entering and its finding out that the transaction has ended.
        Assert.That(context.State.TryEnterToSeal());
        held.LetGo();
        await first.WaitAsync(Soon);
        Thread.Sleep(50);
        context.State.Exit();
        await second.WaitAsync(Soon);
        await database.WriteAsync(static tx => Put(tx, 2)).AsTask().WaitAsync(Soon);
    }

    [Test]
    public void DurableCommitOfNothing_OnTopOfDeferredOnesThatAreBeingCommitted_LeavesThemDurable()
    {
        using var directory = new TempDirectory();
        var options = new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            SealPatience = TimeSpan.Zero,
        };
        var rounds = StressTime.Rounds(100);
        var random = new Random(1);
        using (var held = new HeldStorage(new FileStorage(directory.DatabasePath), options))
        {
            var database = held.Database;
            for (var round = 1; round <= rounds; round++)
            {
                var first = held.CommitHeld();
                var number = round;
                var second = database.WriteAsync(tx => Put(tx, number), CommitMode.Deferred).AsTask();
                Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "the second one has joined");
                using var open = database.BeginWrite();
                held.LetGo();
                first.Wait();
                Thread.SpinWait(random.Next(20_000));
                var id = open.Commit();
                Assert.That(database.GetStatistics().DurableTransactionId, Is.GreaterThanOrEqualTo(id), $"{round}");
                Assert.That(second.Wait(Soon), $"{round}");
            }
        }

        using var reopened = Database.Open(directory.DatabasePath);
        Assert.That(reopened.Check().IsOk);
        Assert.That(reopened.GetStatistics().Main.Entries, Is.EqualTo((ulong)rounds + 1));
    }

    [Test]
    public async Task Dispose_WhileOneFlushesAndOthersWait_TellsEverybody([Values] bool isAsync)
    {
        using var directory = new TempDirectory();
        var held = new HeldStorage(new FileStorage(directory.DatabasePath));
        var database = held.Database;
        var first = held.CommitHeld();
        var joined = Enumerable.Range(0, 20)
            .Select(i => database.WriteAsync(tx => Put(tx, i), i % 2 == 0 ? CommitMode.Deferred : default).AsTask())
            .ToList();
        Patience.Until(() => database.Core.Writer!.WaitingWriters == 0, "they have joined");
        var open = await database.BeginWriteAsync();
        Put(open, 100);
        var waiting = Enumerable.Range(200, 20).Select(i => database.WriteAsync(tx => Put(tx, i)).AsTask()).ToList();
        var closing = isAsync ? database.DisposeAsync().AsTask() : HeldStorage.OnThread(database.Dispose);
        Thread.Sleep(20);
        held.LetGo();
        await closing.WaitAsync(Soon);
        await Task.WhenAll([first, .. joined]).WaitAsync(Soon);
        foreach (var call in waiting)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(Soon));
        }

        Assert.Throws<ObjectDisposedException>(() => open.Commit());
        using var reopened = Database.Open(directory.DatabasePath);
        Assert.That(reopened.GetStatistics().Main.Entries, Is.EqualTo(21UL));
        Assert.That(reopened.Check().IsOk);
    }

    [Test]
    public void LoneCommit_IsMadeOnItsOwnThread()
    {
        using var held = new HeldStorage();
        for (var i = 0; i < 20; i++)
        {
            Sample.Put(held.Database, Sample.Key(i), "1"u8);
            Assert.That(held.FlushThread, Is.EqualTo(Environment.CurrentManagedThreadId));
            held.Database.Write(tx => Put(tx, i));
            Assert.That(held.FlushThread, Is.EqualTo(Environment.CurrentManagedThreadId));
        }
    }

    [Test, NonParallelizable]
    public async Task FlowsThatWaitForAFlight_HoldNoThreads()
    {
        const int Flows = 1000;
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var before = ThreadPool.ThreadCount;
        var begun = 0;
        var flows = Enumerable.Range(0, Flows).Select(async i =>
        {
            if (i % 2 == 0)
            {
                await database.WriteAsync(tx => Put(tx, i) ? Interlocked.Increment(ref begun) : 0);
                return;
            }

            await using var transaction = await database.BeginWriteAsync();
            Put(transaction, i);
            var commit = transaction.CommitAsync();
            Interlocked.Increment(ref begun);
            await commit;
        }).ToArray();
        Patience.Until(() => Volatile.Read(ref begun) == Flows, "all have joined");
        Assert.That(flows.Count(static flow => flow.IsCompleted), Is.Zero);
        Assert.That(ThreadPool.ThreadCount, Is.LessThanOrEqualTo(before + 10));
        held.LetGo();
        await Task.WhenAll([first, .. flows]).WaitAsync(Patience.Limit);
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo((ulong)Flows + 1));
    }

    private static bool Put(WriteTransaction transaction, int number)
    {
        transaction.Main.Put(Sample.Key(number), "1"u8);
        return true;
    }

    private static async Task RequirePoisoned(Task task) =>
        await Assert.ThrowsAsync<DatabasePoisonedException>(() => task.WaitAsync(Soon));
}
