using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>A database in which something takes long, somebody who waits for it, and ways to end that.</summary>
internal sealed class LeavingScene : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    private readonly TempDirectory _directory = new();
    private readonly CountingStorage _storage;
    private readonly Database _database;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly ManualResetEventSlim _isBlocked = new();
    private readonly ManualResetEventSlim _unblock = new();
    private readonly List<Task<Exception?>> _others = [];
    private readonly TimeSpan _timeout;
    private WriteTransaction? _open;
    private Thread? _waiter;
    private Task<Exception?>? _outcome;
    private volatile bool _fails;
    private bool _wasInterrupted;

    public LeavingScene(bool hasTimeout)
    {
        _timeout = hasTimeout ? Short : Timeout.InfiniteTimeSpan;
        _storage = new CountingStorage(new FileStorage(_directory.DatabasePath));
        _database = Database.Open(_storage, new DatabaseOptions
        {
            FlushInterval = Timeout.InfiniteTimeSpan,
            WriterTimeout = _timeout,
        });
    }

    /// <summary>A write transaction is open.</summary>
    public void BlockGate() => _open = _database.BeginWrite();

    /// <summary>An operation of a write transaction does not return.</summary>
    public void BlockOperation()
    {
        var transaction = _database.BeginWrite();
        _others.Add(Start(() =>
        {
            transaction.Main.Put("x"u8, 10, this, static (_, scene) => scene.Block());
            transaction.Dispose();
        }));
        AwaitBlock();
    }

    /// <summary>A flush does not return.</summary>
    public void BlockFlush(bool onFlusher)
    {
        Sample.Put(_database, "x"u8, "deferred"u8, CommitMode.Deferred);
        _storage.BeforeFlush = BlockAFlush;
        _others.Add(onFlusher ? OutcomeOf(_database.FlushAsync().AsTask()) : Start(_database.Flush));
        AwaitBlock();
        _storage.BeforeFlush = null;
    }

    /// <summary>
    /// Lets somebody wait. Who has got its turn commits: it may have begun on top of a commit whose flush fails.
    /// </summary>
    public void Wait(LeavingTests.Place place)
    {
        switch (place)
        {
            case LeavingTests.Place.Begin:
                StartWaiter(() =>
                {
                    using var transaction = _database.BeginWrite();
                    transaction.Commit();
                });
                break;
            case LeavingTests.Place.TryBegin:
                StartWaiter(() =>
                {
                    var isBegun = _database.TryBeginWrite(_timeout, out var transaction);
                    using (transaction)
                    {
                        transaction?.Commit();
                    }

                    Assert.That(isBegun, Is.False, "nobody gave it a turn");
                });
                break;
            case LeavingTests.Place.BeginAsync:
                _outcome = OutcomeOf(BeginAsync());
                break;
            case LeavingTests.Place.OvertakenBeginAsync:
                _outcome = OutcomeOf(BeginAsync());
                Overtake();
                break;
            case LeavingTests.Place.Flush:
                StartWaiter(_database.Flush);
                break;
            case LeavingTests.Place.FlushAsync:
                _outcome = OutcomeOf(_database.FlushAsync(_cancellation.Token).AsTask());
                break;
            case LeavingTests.Place.Commit:
                StartWaiter(() => Begin().Commit());
                break;
            case LeavingTests.Place.CommitAsync:
                _outcome = OutcomeOf(Begin().CommitAsync(cancellationToken: _cancellation.Token).AsTask());
                break;
            default:
                StartWaiter(_database.Dispose);
                break;
        }
    }

    /// <summary>Ends the waiting, or what is waited for.</summary>
    public void Leave(LeavingTests.Way way)
    {
        switch (way)
        {
            case LeavingTests.Way.Interruption:
                _waiter!.Interrupt();
                break;
            case LeavingTests.Way.Cancellation:
                _cancellation.Cancel();
                break;
            case LeavingTests.Way.Closing:
                _others.Add(Start(_database.Dispose));
                Patience.Until(IsClosed, "it is being closed");
                break;
            case LeavingTests.Way.Poison:
                _fails = true;
                break;
            default:
                // The time is over by itself.
                break;
        }
    }

    /// <summary>What took long ends.</summary>
    public void Unblock()
    {
        if (_open is { } transaction)
        {
            End(transaction);
        }

        _unblock.Set();
    }

    /// <summary>Whoever waited has ended as it should.</summary>
    public void RequireOutcome(Type? type)
    {
        Assert.That(_outcome!.Wait(Patience.Limit), "it still waits");
        Assert.That(_outcome.Result, type is null ? Is.Null : Is.InstanceOf(type));
    }

    /// <summary>Everybody else goes on, and everything can be given back.</summary>
    public void RequireGoodEnd(LeavingTests.Place place, LeavingTests.Way way)
    {
        foreach (var other in _others)
        {
            Assert.That(other.Wait(Patience.Limit), "somebody else still waits");
            Assert.That(
                other.Result,
                Is.Null.Or.InstanceOf<ObjectDisposedException>().Or.InstanceOf<DatabasePoisonedException>());
        }

        var isClosing = place is LeavingTests.Place.CloseDuringFlush or LeavingTests.Place.CloseDuringOperation;
        var isDuringFlush = place is LeavingTests.Place.Flush or LeavingTests.Place.FlushAsync
            or LeavingTests.Place.Commit or LeavingTests.Place.CommitAsync or LeavingTests.Place.CloseDuringFlush;
        if (way == LeavingTests.Way.Poison)
        {
            var refusal = Start(() => _database.BeginWrite());
            Assert.That(refusal.Wait(Patience.Limit), "a poisoned database lets nobody wait");
            Assert.That(
                refusal.Result,
                Is.InstanceOf(isClosing ? typeof(ObjectDisposedException) : typeof(DatabasePoisonedException)));
        }
        else if (way != LeavingTests.Way.Closing && !isClosing)
        {
            Assert.That(_database.TryBeginWrite(Patience.Limit, out var next), "the turn was lost");
            next!.Main.Put("next"u8, "1"u8);
            next.Commit();
            Assert.That(_database.Check().IsOk);
            Assert.That(Sample.Get(_database, "waiter"u8), Is.Null, "whoever left has changed nothing");
        }

        if (isClosing && way == LeavingTests.Way.Interruption)
        {
            Assert.That(_wasInterrupted, "the interruption comes after the closing");
        }

        OutcomeOf(Task.Run(_database.Dispose)).Wait();
        using var again = Database.Open(_directory.DatabasePath);
        Assert.That(again.Check().IsOk);
        if (way != LeavingTests.Way.Poison)
        {
            var isThere = Sample.Get(again, "x"u8) is not null;
            Assert.That(isThere, Is.EqualTo(isDuringFlush), "what was flushed, or aborted");
            Assert.That(Sample.Get(again, "waiter"u8), Is.Null, "what did not end well was aborted");
        }
    }

    public void Dispose()
    {
        _unblock.Set();
        _storage.BeforeFlush = null;
        try
        {
            _database.Dispose();
        }
        catch (DatabasePoisonedException)
        {
            // Poisoned on purpose.
        }

        _storage.Dispose();
        _cancellation.Dispose();
        _directory.Dispose();
    }

    private static Task<Exception?> OutcomeOf(Task task) =>
        task.ContinueWith(
            static task => task.IsCanceled ? new TaskCanceledException(task) : task.Exception?.InnerException,
            TaskScheduler.Default);

    private static Task<Exception?> Start(Action action)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        StartThread(action, outcome);
        return outcome.Task;
    }

    private static Thread StartThread(Action action, TaskCompletionSource<Exception?> outcome)
    {
        var thread = new Thread(() =>
        {
            try
            {
                action();
                outcome.SetResult(null);
            }
            catch (Exception e)
            {
                outcome.SetResult(e);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        return thread;
    }

    /// <summary>
    /// A thread that waits until it is really waiting, and notes whether an interruption is left when it has ended.
    /// </summary>
    private void StartWaiter(Action action)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _outcome = outcome.Task;
        _waiter = StartThread(
            () =>
            {
                action();
                try
                {
                    Thread.Sleep(1);
                }
                catch (ThreadInterruptedException)
                {
                    _wasInterrupted = true;
                }
            },
            outcome);
        Patience.Until(
            () => (_waiter.ThreadState & ThreadState.WaitSleepJoin) != 0 || _outcome.IsCompleted, "it waits");
    }

    private WriteTransaction Begin()
    {
        Assert.That(_database.TryBeginWrite(Patience.Limit, out var transaction));
        transaction!.Main.Put("waiter"u8, "1"u8);
        return transaction;
    }

    private async Task BeginAsync()
    {
        using var transaction = await _database.BeginWriteAsync(_cancellation.Token);
        await transaction.CommitAsync();
    }

    /// <summary>A thread has the turn that was the flow's, and keeps it.</summary>
    private void Overtake()
    {
        _others.Add(Start(() =>
        {
            Assert.That(_database.TryBeginWrite(Timeout.InfiniteTimeSpan, out var transaction));
            Block();
            End(transaction!);
        }));
        Patience.Until(
            () => _database.Core.Writer!.WaitingWriters == 2 || _outcome!.IsCompleted, "the other one waits");
        _open!.Dispose();
        _open = null;
        AwaitBlock();
    }

    private void End(WriteTransaction transaction)
    {
        if (_fails)
        {
            _storage.BeforeFlush = static () => throw new StorageWriteException("EIO");
            transaction.Main.Put("fails"u8, "1"u8);
            Assert.Throws<DatabasePoisonedException>(() => transaction.Commit());
            _storage.BeforeFlush = null;
        }

        transaction.Dispose();
    }

    private void Block()
    {
        _isBlocked.Set();
        if (!_unblock.Wait(Patience.Limit))
        {
            throw new TimeoutException("Nobody ended the blocking.");
        }

    }

    private void BlockAFlush()
    {
        Block();
        if (_fails)
        {
            throw new StorageWriteException("EIO");
        }
    }

    private void AwaitBlock() => Assert.That(_isBlocked.Wait(Patience.Limit), "it blocks");

    private bool IsClosed()
    {
        try
        {
            using (_database.BeginRead())
            {
            }

            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
