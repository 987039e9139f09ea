using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>Callbacks that write, one after the other, for callers who know nothing of each other.</summary>
public class WriteCallTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly AsyncLocal<int> Local = new();

    [Test]
    public async Task Callbacks_SeeTheContextOfTheirCaller_AndLeaveNothingInThatOfOthers()
    {
        using var held = new HeldStorage();
        var first = held.CommitHeld();
        var calls = Enumerable.Range(1, 200).Select(async i =>
        {
            Local.Value = i;
            if (i % 3 == 0)
            {
                await Task.Yield();
            }

            var seen = await held.Database.WriteAsync(
                i,
                static async (transaction, i, _) =>
                {
                    var before = Local.Value;
                    transaction.Main.Put(Sample.Key(i), "1"u8);
                    if (i % 2 == 0)
                    {
                        await Task.Yield();
                    }

                    var after = Local.Value;
                    Local.Value = -i;
                    return (before, after);
                });
            Assert.That(seen, Is.EqualTo((i, i)));
            Assert.That(Local.Value, Is.EqualTo(i));
        }).ToArray();
        held.LetGo();
        await Task.WhenAll([first, .. calls]).WaitAsync(Soon);
        Assert.That(Local.Value, Is.Zero);
    }

    [Test]
    public async Task CallbackThatThrows_IsRolledBackAlone_AndTheOthersAreCalledOnceEach()
    {
        const int Calls = 400;
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var called = new int[Calls];
        var calls = Enumerable.Range(0, Calls).Select(i => database.WriteAsync(async (transaction, _) =>
        {
            called[i]++;
            transaction.Main.Put(Sample.Key(i), "1"u8);
            if (i % 5 == 0)
            {
                await Task.Yield();
            }

            return i % 3 == 0 ? throw new InvalidDataException($"{i}") : i;
        }).AsTask()).ToArray();
        held.LetGo();
        await first;
        for (var i = 0; i < Calls; i++)
        {
            if (i % 3 == 0)
            {
                var error = await Assert.ThrowsAsync<InvalidDataException>(() => calls[i].WaitAsync(Soon));
                Assert.That(error!.Message, Is.EqualTo($"{i}"));
            }
            else
            {
                Assert.That(await calls[i].WaitAsync(Soon), Is.EqualTo(i));
            }

            Assert.That(Sample.Get(database, Sample.Key(i)) is null, Is.EqualTo(i % 3 == 0), $"{i}");
        }

        Assert.That(called, Is.All.EqualTo(1));
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task CallbackThatEndsItsTransactionItself_IsTold_AndTheNextOnesGetTheirTurn([Values(0, 1, 2)] int how)
    {
        using var held = new HeldStorage();
        var database = held.Database;
        var first = held.CommitHeld();
        var before = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        var ends = database.WriteAsync(async (transaction, token) =>
        {
            Put(transaction, 2);
            switch (how)
            {
                case 0:
                    held.LetGo();
                    transaction.Commit();
                    break;
                case 1:
                    transaction.Abort();
                    break;
                default:
                    held.LetGo();
                    await transaction.CommitAsync(CommitMode.Deferred, token);
                    break;
            }

            return 0;
        }).AsTask();
        var after = database.WriteAsync(static tx => Put(tx, 3)).AsTask();
        await Task.Delay(20);
        held.LetGo();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ends.WaitAsync(Soon));
        await Task.WhenAll(first, before, after).WaitAsync(Soon);
        Assert.That(Sample.Get(database, Sample.Key(2)) is not null, Is.EqualTo(how != 1));
        await database.WriteAsync(static tx => Put(tx, 4)).AsTask().WaitAsync(Soon);
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public async Task CallbackThatLeavesAThreadInItsTransaction_IsTold_WhenThatHasLeft([Values] bool throws)
    {
        using var database = Database.OpenInMemory();
        using var leave = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        Task? stray = null;
        var call = database.WriteAsync(transaction =>
        {
            stray = HeldStorage.OnThread(() => transaction.Main.Put("a"u8, 8, leave, (_, leave) =>
            {
                entered.Set();
                leave.Wait();
            }));
            entered.Wait();
            return throws ? throw new InvalidDataException() : 0;
        }).AsTask();
        var next = database.WriteAsync(static tx => Put(tx, 1)).AsTask();
        await Task.Delay(20);
        Assert.That(next.IsCompleted, Is.False);
        leave.Set();
        await next.WaitAsync(Soon);
        await stray!.WaitAsync(Soon);
        var error = await Assert.ThrowsAsync(
            throws ? typeof(InvalidDataException) : typeof(InvalidOperationException), () => call.WaitAsync(Soon));
        Assert.That(error, Is.Not.Null);
        Assert.That(Sample.Get(database, "a"u8), Is.Null);
    }

    [Test]
    public async Task CallbackThatWritesToItsDatabase_WaitsForItself_AndIsToldWhoHoldsIt([Values(0, 1, 2, 3)] int how)
    {
        using var database = Database.OpenInMemory(
            new DatabaseOptions { WriterTimeout = TimeSpan.FromMilliseconds(30) });
        var error = await Assert.ThrowsAsync<WriterTimeoutException>(
            () => database.WriteAsync(async (transaction, token) =>
            {
                Put(transaction, 1);
                switch (how)
                {
                    case 0:
                        database.Write(static tx => Put(tx, 2), cancellationToken: token);
                        break;
                    case 1:
                        database.BeginWrite().Dispose();
                        break;
                    case 2:
                        await database.WriteAsync(static tx => Put(tx, 2), cancellationToken: token);
                        break;
                    default:
                        (await database.BeginWriteAsync(token)).Dispose();
                        break;
                }

                return 0;
            }).AsTask().WaitAsync(Soon));
        Assert.That(error!.Message, Does.Contain("is open since"));
        await database.WriteAsync(static tx => Put(tx, 3)).AsTask().WaitAsync(Soon);
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(1UL));
    }

    [Test]
    public async Task CallbackThatFlushesChecksAndReads_Works()
    {
        using var database = Database.OpenInMemory();
        Sample.Put(database, "a"u8, "1"u8, CommitMode.Deferred);
        var entries = await database.WriteAsync(async (transaction, token) =>
        {
            Put(transaction, 1);
            database.Flush();
            await database.FlushAsync(token);
            Assert.That(database.Check(cancellationToken: token).IsOk);
            Put(transaction, 2);
            return database.Read(static read => read.Main.Count);
        }).AsTask().WaitAsync(Soon);
        Assert.That(entries, Is.EqualTo(1));
        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo(3UL));
    }

    [Test]
    public async Task CallbackThatClosesItsDatabase_IsToldThatItsTransactionHasEnded()
    {
        var database = Database.OpenInMemory();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => database.WriteAsync(async (transaction, _) =>
            {
                Put(transaction, 1);
                await database.DisposeAsync();
                return 0;
            }).AsTask().WaitAsync(Soon));
    }

    [Test]
    public async Task CallsThatAreGivenUp_AreNotCalled_AndTheOthersAre()
    {
        using var database = Database.OpenInMemory();
        using var cancelling = new CancellationTokenSource();
        var open = await database.BeginWriteAsync();
        var called = new int[300];
        var calls = Enumerable.Range(0, called.Length).Select(i => database.WriteAsync(
            tx => Put(tx, i) ? called[i]++ : 0,
            cancellationToken: i % 2 == 0 ? cancelling.Token : default).AsTask()).ToArray();
        cancelling.Cancel();
        open.Dispose();
        for (var i = 0; i < calls.Length; i++)
        {
            if (i % 2 == 0)
            {
                Assert.That(
                    await Assert.ThrowsAsync<TaskCanceledException>(() => calls[i].WaitAsync(Soon)), Is.Not.Null);
            }
            else
            {
                await calls[i].WaitAsync(Soon);
            }

            Assert.That(called[i], Is.EqualTo(i % 2));
        }

        Assert.That(database.GetStatistics().Main.Entries, Is.EqualTo((ulong)called.Length / 2));
    }

    private static bool Put(WriteTransaction transaction, int number)
    {
        transaction.Main.Put(Sample.Key(number), "1"u8);
        return true;
    }
}
