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
        transaction.Put(_database.Main, "a"u8, "1"u8);
        await transaction.CommitAsync();
        await Assert.ThrowsAsync(Is.InstanceOf<OperationCanceledException>(), async () => await _database.BeginWriteAsync(source.Token), "even when the gate is free");
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
                using var source = new CancellationTokenSource(t == 0 ? TimeSpan.FromMilliseconds(1) : Timeout.InfiniteTimeSpan);
                try
                {
                    using var transaction = t % 2 == 0 ? await _database.BeginWriteAsync(source.Token) : _database.BeginWrite();
                    var number = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(transaction.Get(_database.Main, "n"u8)!);
                    transaction.Put(_database.Main, "n"u8, Sample.Key(number + 1));
                    transaction.Put(_database.Main, Sample.Key((1000 * t) + i), default);
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
                transaction.Put(_database.Main, "a"u8, default);
                transaction.Abort();
                transaction.Dispose();
                Assert.That(() => transaction.Delete(_database.Main, "a"u8), Throws.InstanceOf<ObjectDisposedException>());
            }
        })).ToArray();
        Assert.That(Task.WaitAll(tasks, Patience.Limit));
    }

    [Test]
    public void Flush_WaitsForTheOpenTransaction()
    {
        Sample.Put(_database, "a"u8, "1"u8, CommitMode.Deferred);
        var transaction = _database.BeginWrite();
        var flush = Task.Run(_database.Flush);
        Assert.That(flush.Wait(30), Is.False);
        transaction.Dispose();
        Assert.That(flush.Wait(Patience.Limit));
        Assert.That(_database.GetStatistics(), Has.Property("DurableTransactionId").EqualTo(_database.GetStatistics().TransactionId));
    }
}
