using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Batched;

/// <summary>The writer thread and its queue, as a program without concurrent commits would have them.</summary>
internal sealed class BatchWriter : IDisposable
{
    private readonly object _gate = new();
    private readonly IUpdater _updater;
    private readonly Thread _thread;
    private List<IPending> _waiting = [];
    private bool _isClosed;

    /// <param name="updater">Makes the updates; disposed with this.</param>
    public BatchWriter(IUpdater updater)
    {
        _updater = updater;
        _thread = new Thread(Run) { Name = "batch writer", IsBackground = true };
        _thread.Start();
    }

    public void Enqueue(IPending pending)
    {
        lock (_gate)
        {
            _waiting.Add(pending);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Ends the thread when nothing waits any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _updater.Dispose();
    }

    private void Run()
    {
        List<IPending> taken = [];
        Update[] updates = [];
        while (Take(ref taken))
        {
            if (updates.Length < taken.Count)
            {
                updates = new Update[2 * taken.Count];
            }

            for (int i = 0; i < taken.Count; i++)
            {
                updates[i] = taken[i].Update;
            }

            Exception? failure = Apply(updates.AsMemory(0, taken.Count));
            foreach (IPending pending in taken)
            {
                pending.Complete(failure);
            }

            taken.Clear();
        }
    }

    private bool Take(ref List<IPending> taken)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            (_waiting, taken) = (taken, _waiting);
            return taken.Count > 0;
        }
    }

    // The thread goes on for those who come later; who waits for this batch is told.
    private Exception? Apply(ReadOnlyMemory<Update> updates)
    {
        try
        {
            _updater.Apply(updates);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
