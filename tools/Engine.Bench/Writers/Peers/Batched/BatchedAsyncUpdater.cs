using System.Threading.Tasks.Sources;
using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Batched;

/// <summary>A task that hands its updates to the writer thread, and awaits that they are durable.</summary>
internal sealed class BatchedAsyncUpdater(BatchWriter writer) : IAsyncUpdater, IPending, IValueTaskSource
{
    // Clients go on in the pool, not on the writer thread.
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };

    public Update Update { get; private set; } = new();

    public ValueTask ApplyAsync(Update update)
    {
        Update = update;
        _source.Reset();
        ValueTask task = new(this, _source.Version);
        writer.Enqueue(this);
        return task;
    }

    public void Complete(Exception? failure)
    {
        if (failure is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(failure);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
