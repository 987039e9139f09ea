namespace Engine.Extensions.Nats.Writing;

/// <summary>
/// Bytes that several budgets share beyond those of their own. They come to those who wait by turns, so that none of
/// them gets all. Used by budgets only, which hold its lock.
/// </summary>
internal sealed class BytePool(long bytes)
{
    private readonly LinkedList<ByteBudget> _waiting = [];
    private long _free = bytes;

    /// <summary>One for the pool and all its budgets.</summary>
    public Lock Lock { get; } = new();

    /// <summary>How many nobody has.</summary>
    public long Free
    {
        get
        {
            lock (Lock)
            {
                return _free;
            }
        }
    }

    public bool TryTake(long count)
    {
        if (_free < count)
        {
            return false;
        }

        _free -= count;
        return true;
    }

    public void GiveBack(long count)
    {
        _free += count;
        for (var turns = _waiting.Count; turns > 0 && _waiting.First is { } first; turns--)
        {
            _waiting.RemoveFirst();
            if (!first.Value.Admit())
            {
                _waiting.AddLast(first);
            }
        }
    }

    /// <summary>Remembers a budget for which somebody waits.</summary>
    public void Enlist(ByteBudget budget)
    {
        if (!_waiting.Contains(budget))
        {
            _waiting.AddLast(budget);
        }
    }
}
