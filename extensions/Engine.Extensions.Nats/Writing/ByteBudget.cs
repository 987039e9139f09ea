namespace Engine.Extensions.Nats.Writing;

/// <summary>
/// A number of bytes that are taken and given back; who wants more than there are waits, in order. Thread-safe.
/// </summary>
internal sealed class ByteBudget(long bytes)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(int Bytes, TaskCompletionSource Turn)> _waiting = [];
    private long _free = bytes;

    public async ValueTask TakeAsync(int count, CancellationToken cancellationToken)
    {
        LinkedListNode<(int Bytes, TaskCompletionSource Turn)> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && _free >= count)
            {
                _free -= count;
                return;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            node = _waiting.AddLast((count, turn));
        }

        try
        {
            await node.Value.Turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (node.List is not null)
                {
                    _waiting.Remove(node);
                }
                else
                {
                    _free += count;
                }

                Admit();
            }

            throw;
        }
    }

    public void GiveBack(int count)
    {
        lock (_lock)
        {
            _free += count;
            Admit();
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && _free >= first.Value.Bytes)
        {
            _free -= first.Value.Bytes;
            _waiting.RemoveFirst();
            first.Value.Turn.SetResult();
        }
    }
}
