using System.Runtime.ExceptionServices;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Batched;

/// <summary>A thread that hands its updates to the writer thread, and sleeps until they are durable.</summary>
internal sealed class BatchedUpdater(BatchWriter writer) : IUpdater, IPending
{
    private readonly object _gate = new();
    private Exception? _failure;
    private bool _isDone;

    public Update Update { get; private set; } = new();

    public void Apply(ReadOnlyMemory<Update> updates)
    {
        foreach (Update update in updates.Span)
        {
            Update = update;
            _isDone = false;
            writer.Enqueue(this);
            lock (_gate)
            {
                while (!_isDone)
                {
                    Monitor.Wait(_gate);
                }
            }

            if (_failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
            }
        }
    }

    public void Complete(Exception? failure)
    {
        lock (_gate)
        {
            _failure = failure;
            _isDone = true;
            Monitor.Pulse(_gate);
        }
    }

    public void Dispose()
    {
        // The writer thread belongs to the database.
    }
}
