using System.Diagnostics;

namespace Engine;

/// <summary>
/// An event that nobody is too late for: who adds a handler after it has happened is told at once, on the own thread.
/// Others are told on a thread of the pool, because it happens where nothing may be waited for. Thread-safe.
/// </summary>
internal sealed class LateEvent<TArgs>(object sender)
    where TArgs : EventArgs
{
    private readonly Lock _lock = new();
    private EventHandler<TArgs>? _handlers;
    private TArgs? _last;

    public void Add(EventHandler<TArgs>? handler)
    {
        TArgs? last;
        lock (_lock)
        {
            _handlers += handler;
            last = _last;
        }

        if (last is not null)
        {
            handler?.Invoke(sender, last);
        }
    }

    public void Remove(EventHandler<TArgs>? handler)
    {
        lock (_lock)
        {
            _handlers -= handler;
        }
    }

    /// <summary>It has happened. Waits for nobody; what a handler throws is traced.</summary>
    public void Raise(TArgs args)
    {
        EventHandler<TArgs>? handlers;
        using (Uninterrupted.Enter(_lock))
        {
            _last = args;
            handlers = _handlers;
        }

        if (handlers is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static told => told.Event.Tell(told.Handlers, told.Args),
                (Event: this, Handlers: handlers, Args: args),
                preferLocal: false);
        }
    }

    private void Tell(EventHandler<TArgs> handlers, TArgs args)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, args);
            }
            catch (Exception e)
            {
                // Nobody is here to be told.
                Trace.TraceError("A handler of an event of a database failed: {0}", e);
            }
        }
    }
}
