namespace Engine.Extensions.Nats.Writing;

/// <summary>
/// A number of bytes that are taken and given back; who wants more than there are waits, in order. What its own ones do
/// not cover comes from a pool that several budgets share, if there is one: whoever is held up then still has its own,
/// and others cannot take them. Thread-safe.
/// </summary>
internal sealed class ByteBudget(long own, BytePool? pool = null)
{
    private readonly Lock _lock = pool?.Lock ?? new Lock();
    private readonly LinkedList<(int Bytes, TaskCompletionSource Turn)> _waiting = [];
    private readonly long _own = own;
    private long _free = own;
    private long _borrowed;

    public async ValueTask TakeAsync(int count, CancellationToken cancellationToken)
    {
        LinkedListNode<(int Bytes, TaskCompletionSource Turn)> node;
        lock (_lock)
        {
            if (_waiting.Count == 0 && TryTakeNow(count))
            {
                return;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            node = _waiting.AddLast((count, turn));
            pool?.Enlist(this);
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
                    PutBack(count);
                }

                Admit();
            }

            throw;
        }
    }

    /// <summary>Takes them if they are there, and nobody waits.</summary>
    public bool TryTake(int count)
    {
        lock (_lock)
        {
            return _waiting.Count == 0 && TryTakeNow(count);
        }
    }

    public void GiveBack(int count)
    {
        lock (_lock)
        {
            PutBack(count);
            Admit();
        }
    }

    /// <summary>Gives everything back that was taken; nobody may wait, or give back anything of it later.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            PutBack(_own - _free + _borrowed);
        }
    }

    /// <summary>Lets those in whose turn it is; whether none is left. For whoever has the lock.</summary>
    public bool Admit()
    {
        while (_waiting.First is { } first && TryTakeNow(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            first.Value.Turn.SetResult();
        }

        return _waiting.Count == 0;
    }

    private bool TryTakeNow(int count)
    {
        var missing = Math.Max(0, count - _free);
        if (missing > 0 && pool?.TryTake(missing) is not true)
        {
            return false;
        }

        _free -= count - missing;
        _borrowed += missing;
        return true;
    }

    private void PutBack(long count)
    {
        var lent = Math.Min(count, _borrowed);
        _borrowed -= lent;
        _free += count - lent;
        if (lent > 0)
        {
            pool!.GiveBack(lent);
        }
    }
}
