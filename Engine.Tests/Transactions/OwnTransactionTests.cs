using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>Calls within one's own write transaction that would have to wait for it.</summary>
public class OwnTransactionTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = Sample.InMemory();

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Flush_WithinOnesOwnTransaction_MakesDurableWhatWasCommittedBefore([Values] bool isDeferred)
    {
        if (isDeferred)
        {
            Sample.Put(_database, "a"u8, "1"u8, CommitMode.Deferred);
        }

        InTime(() =>
        {
            using var transaction = _database.BeginWrite();
            transaction.Main.Put("b"u8, "2"u8);
            _database.Flush();
            Assert.That(_database.Core.DurableId, Is.EqualTo(_database.Core.Published.Id));
            Assert.That(Sample.Get(_database, "b"u8), Is.Null, "what is not committed is neither shown nor flushed");
            transaction.Commit();
        });
        Assert.That(Sample.Get(_database, "b"u8), Is.Not.Null);
    }

    [Test]
    public void Check_WithinOnesOwnTransaction_ChecksWhatWasCommittedBefore([Values] bool isDeferred)
    {
        if (isDeferred)
        {
            Sample.Put(_database, "a"u8, "1"u8, CommitMode.Deferred);
        }

        InTime(() =>
        {
            using var transaction = _database.BeginWrite();
            transaction.Main.Put("b"u8, "2"u8);
            Assert.That(_database.Check().IsOk);
        });
    }

    [Test]
    public void FillCallback_ThatWouldWaitForItsOwnTransaction_IsToldWhatItDoesWrong(
        [ValueSource(nameof(Calls))] Call call, [Values] bool isDeferred, [Values(10, 1_000_000)] int length)
    {
        if (isDeferred)
        {
            Sample.Put(_database, "a"u8, "1"u8, CommitMode.Deferred);
        }

        InTime(() =>
        {
            using var transaction = _database.BeginWrite();
            string? message = null;
            transaction.Main.Put("b"u8, length, 0, (span, _) =>
            {
                span.Fill(1);
                message = Assert.Throws<InvalidOperationException>(() => call.Run(_database, transaction))!.Message;
            });
            Assert.That(message, Does.Contain("callback").And.Not.Contain("thread"));
            transaction.Commit();
        });
        Assert.That(Sample.Get(_database, "b"u8), Has.Length.EqualTo(length), "the transaction went on");
        Assert.That(_database.Check().IsOk);
    }

    private static IEnumerable<Call> Calls() =>
    [
        new("BeginWrite", static (database, _) => database.BeginWrite()),
        new("BeginWriteAsync", static (database, _) => database.BeginWriteAsync().AsTask().GetAwaiter().GetResult()),
        new("Flush", static (database, _) => database.Flush()),
        new("Check", static (database, _) => database.Check()),
        new("Dispose", static (database, _) => database.Dispose()),
        new("DisposeAsync", static (database, _) => database.DisposeAsync().AsTask().GetAwaiter().GetResult()),
        new("Write", static (database, _) => database.Write(0, static (_, _) => 0)),
        new("Put", static (database, transaction) => transaction.Main.Put("c"u8, "3"u8)),
        new("Get", static (database, transaction) => transaction.Main.Get("c"u8)),
        new("Read", static (_, transaction) => transaction.Read(0, static (read, _) => read.Main.Count)),
        new("Commit", static (_, transaction) => transaction.Commit()),
        new("CommitAsync", static (_, transaction) => transaction.CommitAsync().AsTask().GetAwaiter().GetResult()),
        new("Abort", static (_, transaction) => transaction.Abort()),
        new("Dispose of the transaction", static (_, transaction) => transaction.Dispose()),
    ];

    /// <summary>On a thread of its own, so that what waits for itself is a failure and no hang.</summary>
    private static void InTime(Action action)
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
        })
        {
            IsBackground = true,
        };
        thread.Start();
        Assert.That(thread.Join(TimeSpan.FromSeconds(20)), "it waits for itself");
        if (failure is not null)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
    }

    public sealed record Call(string Name, Action<Database, WriteTransaction> Run)
    {
        public override string ToString() => Name;
    }
}
