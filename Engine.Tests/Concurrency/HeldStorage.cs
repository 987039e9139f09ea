using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>A database whose flushes can be held up, so that others come while one is under way.</summary>
internal sealed class HeldStorage : IDisposable
{
    private readonly ManualResetEventSlim _goOn = new(initialState: true);
    private readonly CountingStorage _storage;
    private int _held;
    private int _writes;

    public HeldStorage(IStorage? inner = null, DatabaseOptions? options = null)
    {
        _storage = new CountingStorage(inner ?? new MemoryStorage());
        Database = Database.Open(
            _storage, options ?? new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
        _storage.BeforeFlush = WhenFlushed;
        _storage.BeforeWrite = (_, _) =>
        {
            Interlocked.Increment(ref _writes);
            if (WriteFailure is { } failure)
            {
                throw failure;
            }
        };
    }

    public Database Database { get; }

    /// <summary>The thread of the last flush.</summary>
    public int FlushThread { get; private set; }

    /// <summary>How the flushes that are held, and those after them, fail; null if they do not.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How writes fail; null if they do not.</summary>
    public Exception? WriteFailure { get; set; }

    /// <summary>How many writes there were.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>From now on flushes are held.</summary>
    public void Hold() => _goOn.Reset();

    /// <summary>Flushes go on.</summary>
    public void LetGo() => _goOn.Set();

    public void WaitUntilHeld() => Patience.Until(() => Volatile.Read(ref _held) > 0, "somebody flushes");

    /// <summary>Holds flushes, and lets a thread commit, which is now flushing.</summary>
    public Task CommitHeld()
    {
        Hold();
        var commit = OnThread(() => Sample.Put(Database, "held"u8, Sample.Bytes(8, Environment.TickCount)));
        WaitUntilHeld();
        return commit;
    }

    /// <summary>Does something on a thread of its own.</summary>
    public static Task OnThread(Action action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        LetGo();
        Database.Dispose();
        _goOn.Dispose();
    }

    private void WhenFlushed()
    {
        FlushThread = Environment.CurrentManagedThreadId;
        Interlocked.Increment(ref _held);
        _goOn.Wait();
        Interlocked.Decrement(ref _held);
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
