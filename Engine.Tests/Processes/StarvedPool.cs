using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>
/// Writers in a process whose pool has no more threads than it has now: what waits for another one waits for ever, and
/// not only until the pool makes one. Run by a helper process, because the limits are those of a process.
/// </summary>
internal static class StarvedPool
{
    private const int Requests = 300;

    private static readonly int Threads = Math.Max(4, Environment.ProcessorCount);

    /// <summary>Runs one of the cases; answers when everybody is through.</summary>
    public static string Run(Database database, string what)
    {
        if (!ThreadPool.SetMinThreads(Threads, Threads) || !ThreadPool.SetMaxThreads(Threads, Threads))
        {
            return "!the pool does not take limits";
        }

        switch (what)
        {
            case "commit":
                return CommitWhileThePoolWaits(database);
            case "flow":
                return FlowBeforeAPoolThatWaits(database);
            case "cancelled":
                return FlowThatIsCalledAndCancelled(database);
            case "blocking":
                return Serve(i => BlockingRequest(database, i));
            case "mixed":
                return Serve(i => i % 2 == 0 ? BlockingRequest(database, i) : AsynchronousRequest(database, i));
            case "calls":
                return CallsBesideAPoolThatWaits(database);
            case "deferred":
                return Serve(i => DeferredRequest(database, i));
            default:
                throw new NotSupportedException(what);
        }
    }

    /// <summary>A transaction commits asynchronously while every thread of the pool waits for its end.</summary>
    private static string CommitWhileThePoolWaits(Database database)
    {
        var transaction = database.BeginWrite();
        transaction.Main.Put("a"u8, "1"u8);
        var waiting = OccupyPool(database);
        transaction.CommitAsync().AsTask().GetAwaiter().GetResult();
        Task.WhenAll(waiting).GetAwaiter().GetResult();
        return "ok";
    }

    /// <summary>The next in line is an asynchronous writer, and every thread of the pool waits behind it.</summary>
    private static string FlowBeforeAPoolThatWaits(Database database)
    {
        var transaction = database.BeginWrite();
        var flow = AsynchronousRequest(database, 1);
        var waiting = OccupyPool(database);
        transaction.Dispose();
        Task.WhenAll([flow, .. waiting]).GetAwaiter().GetResult();
        return "ok";
    }

    /// <summary>
    /// The turn of an asynchronous writer has come, and it is cancelled before it finds a thread: meanwhile a thread
    /// gets a turn, and then the next one in line does.
    /// </summary>
    private static string FlowThatIsCalledAndCancelled(Database database)
    {
        using var goOn = new ManualResetEventSlim();
        using var source = new CancellationTokenSource();
        var transaction = database.BeginWrite();
        var first = database.BeginWriteAsync(source.Token).AsTask();
        var second = AsynchronousRequest(database, 1);
        var busy = Enumerable.Range(0, Threads).Select(_ => Task.Run(goOn.Wait)).ToArray();
        Patience.Until(() => ThreadPool.PendingWorkItemCount == 0, "every thread of the pool is busy");
        transaction.Dispose();
        if (!database.TryBeginWrite(TimeSpan.Zero, out var between))
        {
            return "!the gate waits for somebody who cannot come";
        }

        between.Dispose();
        source.Cancel();
        goOn.Set();
        Task.WhenAll([second, .. busy]).GetAwaiter().GetResult();
        return first.ContinueWith(static task => task.IsCanceled, TaskScheduler.Default).Result
            ? "ok"
            : "!it was not cancelled";
    }

    /// <summary>Callbacks that are to write, and every thread of the pool waits for its turn.</summary>
    private static string CallsBesideAPoolThatWaits(Database database)
    {
        var transaction = database.BeginWrite();
        var waiting = OccupyPool(database);
        var calls = Enumerable.Range(0, Requests).Select(i => database.WriteAsync(transaction =>
        {
            transaction.Main.Put(Sample.Key(i), "1"u8);
            return i;
        }).AsTask()).ToArray();
        transaction.Dispose();
        Task.WhenAll([.. calls, .. waiting]).GetAwaiter().GetResult();
        return "ok";
    }

    private static Task[] OccupyPool(Database database)
    {
        var before = database.Core.Writer!.WaitingWriters;
        var tasks = Enumerable.Range(0, Threads).Select(_ => Task.Run(() => database.BeginWrite().Dispose())).ToArray();
        Patience.Until(
            () => database.Core.Writer!.WaitingWriters == before + Threads, "every thread of the pool waits");
        return tasks;
    }

    private static string Serve(Func<int, Task> request)
    {
        Task.WhenAll(Enumerable.Range(0, Requests).Select(i => Task.Run(() => request(i)))).GetAwaiter().GetResult();
        return "ok";
    }

    private static async Task BlockingRequest(Database database, int number)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put(Sample.Key(number), "1"u8);
        await transaction.CommitAsync();
    }

    private static async Task AsynchronousRequest(Database database, int number)
    {
        using var transaction = await database.BeginWriteAsync();
        transaction.Main.Put(Sample.Key(number), "1"u8);
        await transaction.CommitAsync();
    }

    private static async Task DeferredRequest(Database database, int number)
    {
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put(Sample.Key(number), "1"u8);
            transaction.Commit(CommitMode.Deferred);
        }

        await database.FlushAsync();
    }
}
