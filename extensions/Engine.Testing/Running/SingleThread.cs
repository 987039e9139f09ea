using System.Collections.Concurrent;

namespace Engine.Testing.Running;

/// <summary>
/// Runs asynchronous code on the calling thread: what follows an await comes back to it, one after the other.
/// </summary>
internal sealed class SingleThread : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    private SingleThread()
    {
    }

    /// <summary>Returns when the task has ended.</summary>
    public static void Run(Func<Task> action)
    {
        var before = Current;
        using var thread = new SingleThread();
        SetSynchronizationContext(thread);
        try
        {
            var task = action();
            if (!task.IsCompleted)
            {
                task.ContinueWith(
                    static (_, queue) => ((SingleThread)queue!)._queue.CompleteAdding(),
                    thread,
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
                foreach (var (callback, state) in thread._queue.GetConsumingEnumerable())
                {
                    callback(state);
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _queue.Add((d, state));
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            // Nobody waits for it any more.
            base.Post(d, state);
        }
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Current == this)
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Post(
            _ =>
            {
                try
                {
                    d(state);
                }
                finally
                {
                    done.Set();
                }
            },
            null);
        done.Wait();
    }

    public override SynchronizationContext CreateCopy() => this;

    public void Dispose() => _queue.Dispose();
}
