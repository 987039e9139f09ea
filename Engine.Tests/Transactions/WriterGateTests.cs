using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>One writer at a time, in the order of arrival; waiting can be given up.</summary>
public class WriterGateTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public async Task Writers_AreLetInInTheOrderOfArrival()
    {
        var order = new List<int>();
        var first = _database.BeginWrite();
        var writers = new List<Task>();
        for (var i = 0; i < 20; i++)
        {
            var number = i;
            writers.Add(Wait(_database.BeginWriteAsync(), number));
        }

        await Task.Delay(20);
        Assert.That(order, Is.Empty);
        first.Dispose();
        await Task.WhenAll(writers).WaitAsync(Patience.Limit);
        Assert.That(order, Is.EqualTo(Enumerable.Range(0, 20)));

        async Task Wait(ValueTask<WriteTransaction> begin, int number)
        {
            using var transaction = await begin;
            order.Add(number);
            await Task.Yield();
        }
    }

    [Test]
    public async Task Writer_ThatGivesUp_LeavesTheQueue_AndTheNextIsLetIn()
    {
        var first = _database.BeginWrite();
        using var source = new CancellationTokenSource();
        var second = _database.BeginWriteAsync(source.Token).AsTask();
        var third = _database.BeginWriteAsync().AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAsync(Is.InstanceOf<OperationCanceledException>(), () => second);
        Assert.That(third.IsCompleted, Is.False);
        first.Dispose();
        using var transaction = await third.WaitAsync(Patience.Limit);
        transaction.Main.Put("a"u8, "1"u8);
        await transaction.CommitAsync();
        await Assert.ThrowsAsync(
            Is.InstanceOf<OperationCanceledException>(),
            async () => await _database.BeginWriteAsync(source.Token),
            "even when the gate is free");
        _database.BeginWrite().Dispose();
    }

    [Test]
    public void BlockingAndAsynchronousWriters_Mixed_LoseNoIncrement()
    {
        Sample.Put(_database, "n"u8, Sample.Key(0));
        var tasks = Enumerable.Range(0, 6).Select(t => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                using var source =
                    new CancellationTokenSource(t == 0 ? TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan);
                try
                {
                    using var transaction = t % 2 == 0
                        ? await _database.BeginWriteAsync(source.Token)
                        : _database.BeginWrite();
                    var number =
                        System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(transaction.Main.Get("n"u8)!);
                    transaction.Main.Put("n"u8, Sample.Key(number + 1));
                    transaction.Main.Put(Sample.Key((1000 * t) + i), default);
                    await transaction.CommitAsync(i % 2 == 0 ? CommitMode.Deferred : CommitMode.Durable);
                }
                catch (OperationCanceledException)
                {
                    // Gave up its turn: counts as nothing below either.
                }
            }
        })).ToArray();
        Assert.That(Task.WaitAll(tasks, Patience.Limit));
        var entries = Sample.ReadAll(_database)[string.Empty];
        Assert.That(entries["n"u8.ToArray()], Is.EqualTo(Sample.Key(entries.Count - 1)));
        Assert.That(entries, Has.Count.GreaterThanOrEqualTo(501));
    }

    [Test]
    public void EndedTransaction_DisposedWhileTheNextBegins_DisturbsNobody()
    {
        var tasks = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var transaction = _database.BeginWrite();
                transaction.Main.Put("a"u8, default);
                transaction.Abort();
                transaction.Dispose();
                Assert.That(() => transaction.Main.Delete("a"u8), Throws.InstanceOf<ObjectDisposedException>());
            }
        })).ToArray();
        Assert.That(Task.WaitAll(tasks, Patience.Limit));
    }

    [Test]
    public async Task Flush_WhileAWriteTransactionIsOpenElsewhere_DoesNotWait_AndMakesDurableWhatWasCommittedBefore(
        [Values] bool isAsync)
    {
        Sample.Put(_database, "a"u8, "1"u8, CommitMode.Deferred);
        using var transaction = _database.BeginWrite();
        transaction.Main.Put("b"u8, "2"u8);
        await (isAsync ? _database.FlushAsync().AsTask() : Task.Run(_database.Flush)).WaitAsync(Patience.Limit);
        Assert.That(_database.Core.DurableId, Is.EqualTo(_database.Core.Published.Id));
        Assert.That(Sample.Get(_database, "b"u8), Is.Null);
        transaction.Commit(CommitMode.Deferred);
        Assert.That(Sample.Get(_database, "b"u8), Is.Not.Null);
        Assert.That(_database.Check().IsOk);
    }

    [Test]
    public async Task ThreadThatWaits_GoesBeforeAFlowThatHasNoThreadYet_WhichIsNext()
    {
        var order = new List<string>();
        var first = _database.BeginWrite();
        var flow = Begin("flow");
        var thread = new Thread(() =>
        {
            using var transaction = _database.BeginWrite();
            lock (order)
            {
                order.Add("thread");
            }

            Patience.Until(() => _database.Core.Writer!.WaitingWriters == 2, "the flow has come, and another thread");
        });
        thread.Start();
        Patience.Until(() => _database.Core.Writer!.WaitingWriters == 2, "the thread waits");
        first.Dispose();
        Patience.Until(() => _database.Core.Writer!.WaitingWriters == 1, "the thread has its turn");
        var last = Begin("last");
        await Task.WhenAll(flow, last).WaitAsync(Patience.Limit);
        thread.Join();
        Assert.That(order, Is.EqualTo(new[] { "thread", "flow", "last" }));

        async Task Begin(string name)
        {
            using var transaction = await _database.BeginWriteAsync();
            lock (order)
            {
                order.Add(name);
            }
        }
    }

    [Test]
    public void Threads_AreLetInInTheOrderOfArrival()
    {
        var order = new List<int>();
        var first = _database.BeginWrite();
        var threads = new List<Thread>();
        for (var i = 0; i < 10; i++)
        {
            var number = i;
            threads.Add(new Thread(() =>
            {
                using var transaction = _database.BeginWrite();
                order.Add(number);
            }));
            threads[i].Start();
            Patience.Until(() => _database.Core.Writer!.WaitingWriters == number + 1, "it waits");
        }

        first.Dispose();
        threads.ForEach(static thread => Assert.That(thread.Join(Patience.Limit)));
        Assert.That(order, Is.EqualTo(Enumerable.Range(0, 10)));
    }
}
