using System.Runtime.CompilerServices;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// A write transaction that is not ended does not block others without a word, if they say how long they wait.
/// </summary>
public class WriterTimeoutTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

    private long _now = 1000;

    [Test]
    public async Task BeginWrite_WhenTheTurnDoesNotComeInTime_NamesTheTransactionThatIsOpen(
        [Values] bool isAsync, [Values] bool isTracked)
    {
        using var database = Open(Short, isTracked);
        WriteTransaction? open = null;
        var holder = new Thread(() => open = ForgetfulCaller(database)) { Name = "forgetful" };
        holder.Start();
        holder.Join();
        _now += 12_345;
        var error = isAsync
            ? await Assert.ThrowsAsync<WriterTimeoutException>(async () => await database.BeginWriteAsync())
            : Assert.Throws<WriterTimeoutException>(() => database.BeginWrite());
        Assert.That(error!.Message, Does.Contain("did not come within 0.01 s"));
        Assert.That(error.Message, Does.Contain($"transaction {open!.TransactionId} is open since 12.3 s"));
        Assert.That(error.Message, Does.Contain($"thread {holder.ManagedThreadId} 'forgetful'"));
        Assert.That(error.Message, Does.Not.Contain("this thread"));
        Assert.That(error.Message.Contains(nameof(ForgetfulCaller), StringComparison.Ordinal), Is.EqualTo(isTracked));
        Assert.That(error.Message.Contains("TrackTransactions", StringComparison.Ordinal), Is.EqualTo(!isTracked));

        open.Dispose();
        database.BeginWrite().Dispose();
        (await database.BeginWriteAsync()).Dispose();
    }

    [Test]
    public void BeginWrite_WithinOnesOwnTransaction_IsToldThatItWaitsForItself()
    {
        using var database = Open(Short);
        using (database.BeginWrite())
        {
            var error = Assert.Throws<WriterTimeoutException>(() => database.BeginWrite());
            Assert.That(error!.Message, Does.Contain("this thread").And.Contain("waits for itself"));
        }

        database.BeginWrite().Dispose();
    }

    [Test]
    public void BeginWrite_OnTheThreadThatBeganATransactionWhichLivesOnElsewhere_Waits()
    {
        // What a thread of the pool does, for one request after the other.
        using var database = Open(Timeout.InfiniteTimeSpan);
        var first = database.BeginWrite();
        var ending = Task.Run(() =>
        {
            Patience.Until(() => database.Core.Writer!.WaitingWriters == 1, "the thread that began it waits");
            first.Main.Put("a"u8, "1"u8);
            first.Commit();
        });
        using var second = database.BeginWrite();
        Assert.That(second.Main.Get("a"u8), Is.Not.Null);
        Assert.That(ending.Wait(Patience.Limit));
    }

    [Test]
    public async Task TryBeginWrite_GivesATransactionOrNone_WhateverTheTimeout([Values(0, 10, -1)] int milliseconds)
    {
        using var database = Open(Short);
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        Assert.That(database.TryBeginWrite(timeout, out var transaction));
        transaction!.Main.Put("a"u8, "1"u8);
        if (milliseconds >= 0)
        {
            Assert.That(database.TryBeginWrite(timeout, out var none), Is.False);
            Assert.That(none, Is.Null);
            transaction.Commit();
        }
        else
        {
            var waiting = Task.Run(() =>
            {
                Assert.That(database.TryBeginWrite(timeout, out var next));
                next!.Dispose();
            });
            Patience.Until(() => database.Core.Writer!.WaitingWriters == 1, "it waits");
            transaction.Commit();
            await waiting.WaitAsync(Patience.Limit);
        }

        Assert.That(Sample.Get(database, "a"u8), Is.Not.Null);
        Assert.Throws<ArgumentOutOfRangeException>(() => database.TryBeginWrite(TimeSpan.FromMilliseconds(-2), out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => database.TryBeginWrite(TimeSpan.FromDays(25), out _));
    }

    [Test]
    public void WriterTimeout_OutOfRange_IsRefused()
    {
        foreach (var timeout in new[] { TimeSpan.Zero, TimeSpan.FromMilliseconds(-2), TimeSpan.FromDays(25) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Open(timeout));
        }
    }

    [Test]
    public void TryBeginWrite_OnAReadOnlyOrClosedDatabase_SaysSo()
    {
        using var directory = new TempDirectory();
        Database.Open(directory.DatabasePath).Dispose();
        var database = Database.Open(directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        Assert.Throws<InvalidOperationException>(() => database.TryBeginWrite(TimeSpan.Zero, out _));
        Assert.Throws<InvalidOperationException>(() => database.FlushAsync().AsTask().GetAwaiter().GetResult());
        database.Dispose();
        Assert.Throws<ObjectDisposedException>(() => database.TryBeginWrite(TimeSpan.Zero, out _));
        Assert.Throws<ObjectDisposedException>(() => database.FlushAsync().AsTask().GetAwaiter().GetResult());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WriteTransaction ForgetfulCaller(Database database) => database.BeginWrite();

    private Database Open(TimeSpan timeout, bool isTracked = false) => Database.OpenInMemory(new DatabaseOptions
    {
        WriterTimeout = timeout,
        TrackTransactions = isTracked,
        FlushInterval = Timeout.InfiniteTimeSpan,
        Clock = () => Volatile.Read(ref _now),
    });
}
