using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>Numbers of blocks, given outside of transactions.</summary>
public class ReservedSequenceTests
{
    private Database _database = null!;
    private Sequence _orders = null!;

    [SetUp]
    public void Open()
    {
        _database = Database.OpenInMemory(new DatabaseOptions { WriterTimeout = Patience.Limit });
        _orders = _database.GetSequence("orders");
    }

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Numbers_ComeOfBlocks_EachOfACommit([Values] bool isAsync)
    {
        var reserved = _orders.Reserve(3);
        Assert.That((reserved.Sequence, reserved.BlockSize, reserved.Available), Is.EqualTo((_orders, 3, 0L)));
        Assert.That(Last(), Is.Zero, "nothing is taken before it is asked for");
        for (var i = 1; i <= 7; i++)
        {
            Assert.That(isAsync ? reserved.NextAsync().AsTask().Result : reserved.Next(), Is.EqualTo(i));
            Assert.That(Last(), Is.EqualTo((i + 2) / 3 * 3));
            Assert.That(reserved.Available, Is.EqualTo(Last() - i));
        }

        _database.Write(tx => tx[_orders].Take(10));
        Assert.That(Enumerable.Range(0, 3).Select(_ => reserved.Next()), Is.EqualTo(new[] { 8, 9, 20 }));
    }

    [Test]
    public void NumbersThatAreLeft_AreLostWithTheProcess()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Root, "numbers.db");
        using (var database = Database.Open(path))
        {
            Assert.That(database.GetSequence("orders").Reserve(10).Next(), Is.EqualTo(1));
        }

        using (var database = Database.Open(path))
        {
            var orders = database.GetSequence("orders");
            Assert.That(orders.Reserve().Next(), Is.EqualTo(11));
            Assert.That(database.Read(read => read.LastOf(orders)), Is.EqualTo(110));
        }
    }

    [Test]
    public void LastBlock_IsAsLongAsTheSequence([Values] bool isAsync)
    {
        _database.Write(tx => tx[_orders].AdvanceTo(long.MaxValue - 2));
        var reserved = _orders.Reserve(100);
        long Next() => isAsync ? reserved.NextAsync().AsTask().GetAwaiter().GetResult() : reserved.Next();

        Assert.That(Next(), Is.EqualTo(long.MaxValue - 1));
        Assert.That(Next(), Is.EqualTo(long.MaxValue));
        Assert.Throws<SequenceExhaustedException>(() => Next());
        Assert.Throws<SequenceExhaustedException>(() => Next());
        Assert.That(Last(), Is.EqualTo(long.MaxValue));
    }

    [Test]
    public async Task ManyCallers_NeverGetTheSameNumber([Values(1, 7, 1000)] int blockSize)
    {
        const int Callers = 8, Each = 100;
        ReservedSequence[] reserved = [_orders.Reserve(blockSize), _orders.Reserve(blockSize)];
        var given = new long[Callers * Each];
        var threads = Enumerable.Range(0, Callers / 2).Select(caller => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                given[(caller * Each) + i] = i % 10 == 9
                    ? _database.Write(tx => tx[_orders].Next())
                    : reserved[caller % 2].Next();
            }
        })).ToList();
        threads.ForEach(static thread => thread.Start());
        await Task.WhenAll(Enumerable.Range(Callers / 2, Callers / 2).Select(async caller =>
        {
            await Task.Yield();
            for (var i = 0; i < Each; i++)
            {
                given[(caller * Each) + i] = await reserved[caller % 2].NextAsync();
            }
        }));
        threads.ForEach(static thread => thread.Join());

        Assert.That(given, Is.Unique);
        Assert.That(given.Min(), Is.EqualTo(1));
        Assert.That(given.Max(), Is.LessThanOrEqualTo(Last()));
        Assert.That(
            Last() - given.Length, Is.EqualTo(reserved.Sum(static r => r.Available)), "none is lost while it is kept");
    }

    [Test]
    public void CallersOfOneKind_GetAscendingNumbers([Values] bool isAsync)
    {
        var reserved = _orders.Reserve(4);
        Parallel.For(0, 4, _ =>
        {
            long last = 0;
            for (var i = 0; i < 50; i++)
            {
                var next = isAsync ? reserved.NextAsync().AsTask().Result : reserved.Next();
                Assert.That(next, Is.GreaterThan(last));
                last = next;
            }
        });
        Assert.That(Last() - reserved.Available, Is.EqualTo(200));
    }

    [Test]
    public async Task WithinTheOwnTransaction_TheTimeoutSaysSo([Values] bool isAsync)
    {
        using var database = Database.OpenInMemory(
            new DatabaseOptions { WriterTimeout = TimeSpan.FromMilliseconds(20) });
        var reserved = database.GetSequence("orders").Reserve(2);
        using (database.BeginWrite())
        {
            var failure = isAsync
                ? await Assert.ThrowsAsync<WriterTimeoutException>(async () => await reserved.NextAsync())
                : Assert.Throws<WriterTimeoutException>(() => reserved.Next());
            Assert.That(failure!.Message, Does.Contain("transaction"));
        }

        Assert.That(reserved.Next(), Is.EqualTo(1), "nothing was taken");
        using (database.BeginWrite())
        {
            Assert.That(reserved.Next(), Is.EqualTo(2), "of a block that is there");
        }
    }

    [Test]
    public void Callback_MayNotTakeABlock()
    {
        var reserved = _orders.Reserve(2);
        using (var tx = _database.BeginWrite())
        {
            tx.Read(read =>
            {
                Assert.Throws<InvalidOperationException>(() => reserved.Next());
                Assert.Throws<InvalidOperationException>(() => reserved.NextAsync().AsTask());
                return 0;
            });
        }

        Assert.That(reserved.Next(), Is.EqualTo(1));
    }

    [Test]
    public async Task Cancelling_LeavesTheBlockToOthers()
    {
        var reserved = _orders.Reserve(2);
        using var cancelled = new CancellationTokenSource();
        Task<long> first, second;
        using (_database.BeginWrite())
        {
            first = reserved.NextAsync(cancelled.Token).AsTask();
            second = reserved.NextAsync().AsTask();
            await cancelled.CancelAsync();
            await Assert.CatchAsync<OperationCanceledException>(async () => await first);
            Assert.That(second.IsCompleted, Is.False);
        }

        Assert.That(await second, Is.EqualTo(1));
        Assert.That(Last(), Is.EqualTo(2), "one block");
        await Assert.CatchAsync<OperationCanceledException>(async () => await reserved.NextAsync(new(canceled: true)));
        Assert.That(reserved.Next(), Is.EqualTo(2));
    }

    [Test]
    public void BlockedThread_NeedsNoThreadOfAnAwaitingCaller()
    {
        var reserved = _orders.Reserve(2);
        Task<long> awaiting;
        using var isTaken = new ManualResetEventSlim();
        long number = 0;
        var thread = new Thread(() =>
        {
            number = reserved.Next();
            isTaken.Set();
        });
        using (_database.BeginWrite())
        {
            awaiting = reserved.NextAsync().AsTask();
            thread.Start();
            Patience.Until(() => _database.Core.Writer!.WaitingWriters == 2, "both wait for their turn");
        }

        Assert.That(isTaken.Wait(Patience.Limit));
        Assert.That(awaiting.Wait(Patience.Limit));
        Assert.That(number, Is.Not.EqualTo(awaiting.Result));
        Assert.That(Last(), Is.EqualTo(4), "a block each");
        Assert.That(reserved.Available, Is.EqualTo(2));
    }

    [Test]
    public void InterruptedThread_LeavesTheBlockToTheNextOne()
    {
        var reserved = _orders.Reserve(2);
        Exception? failure = null;
        long number = 0;
        var first = new Thread(() => failure = Assert.Catch(() => reserved.Next()));
        var second = new Thread(() => number = reserved.Next());
        using (_database.BeginWrite())
        {
            first.Start();
            Patience.Until(() => _database.Core.Writer!.WaitingWriters == 1, "the first one waits for its turn");
            second.Start();
            Patience.Until(
                () => (second.ThreadState & ThreadState.WaitSleepJoin) != 0, "the second one waits for the first");
            first.Interrupt();
            Assert.That(first.Join(Patience.Limit));
        }

        Assert.That(second.Join(Patience.Limit));
        Assert.That(failure, Is.InstanceOf<ThreadInterruptedException>());
        Assert.That(number, Is.EqualTo(1));
    }

    [Test]
    public void FailureOfABlock_IsToldToAllWhoWaitForIt_AndTheNextOneTriesAgain()
    {
        using var database = Database.OpenInMemory(
            new DatabaseOptions { WriterTimeout = TimeSpan.FromMilliseconds(200) });
        var reserved = database.GetSequence("orders").Reserve(2);
        using (database.BeginWrite())
        {
            var failures = new Exception?[4];
            var threads = Enumerable.Range(0, 4)
                .Select(i => new Thread(() => failures[i] = Assert.Catch(() => reserved.Next()))).ToList();
            threads.ForEach(static thread => thread.Start());
            Assert.That(threads.TrueForAll(static thread => thread.Join(Patience.Limit)));
            Assert.That(failures, Has.All.InstanceOf<WriterTimeoutException>());
        }

        Assert.That(reserved.Next(), Is.EqualTo(1));
    }

    [Test]
    public async Task ReadOnlyAndClosedDatabases_GiveNone()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Root, "numbers.db");
        ReservedSequence reserved;
        using (var database = Database.Open(path))
        {
            reserved = database.GetSequence("orders").Reserve(1);
            Assert.That(reserved.Next(), Is.EqualTo(1));
        }

        Assert.Throws<ObjectDisposedException>(() => reserved.Next());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reserved.NextAsync());
        using var readOnly = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        Assert.That(readOnly.Read(read => read.LastOf(readOnly.GetSequence("orders"))), Is.EqualTo(1));
        reserved = readOnly.GetSequence("orders").Reserve(1);
        Assert.Throws<InvalidOperationException>(() => reserved.Next());
    }

    private long Last() => _database.Read(read => read.LastOf(_orders));
}
