namespace Engine.Transactions;

/// <summary>
/// When states were superseded, about: so that the age of a pin of any process can be told in seconds, without a look
/// at the clock for any reader. Bounded: when there are too many moments, every other one is forgotten. Who publishes
/// notes, one at a time; anybody asks.
/// </summary>
/// <param name="clock">Milliseconds that never go back.</param>
internal sealed class StateTimes(Func<long> clock)
{
    /// <summary>What is published within so many milliseconds counts as published at their beginning.</summary>
    private const long Span = 250;

    private const int Capacity = 512;

    private readonly Lock _lock = new();

    /// <summary>Moments, ascending, and the newest state that was published from then to the next one.</summary>
    private readonly long[] _since = new long[Capacity];
    private readonly ulong[] _newest = new ulong[Capacity];
    private int _count;

    /// <summary>A state was published.</summary>
    public void Note(ulong id)
    {
        var now = clock();
        if (_count > 0 && now - _since[_count - 1] < Span)
        {
            Volatile.Write(ref _newest[_count - 1], id);
            return;
        }

        using (Uninterrupted.Enter(_lock))
        {
            if (_count == Capacity)
            {
                Thin();
            }

            _since[_count] = now;
            _newest[_count] = id;
            _count++;
        }
    }

    /// <summary>For how long a newer state than this one has been there.</summary>
    public TimeSpan SinceSuperseded(ulong id)
    {
        using (Uninterrupted.Enter(_lock))
        {
            var (low, high) = (0, _count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Volatile.Read(ref _newest[middle]) <= id)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low < _count ? TimeSpan.FromMilliseconds(clock() - _since[low]) : TimeSpan.Zero;
        }
    }

    /// <summary>Joins every two moments of the older half to the earlier of the two.</summary>
    private void Thin()
    {
        var kept = 0;
        for (var i = 0; i < Capacity; i += i < Capacity / 2 ? 2 : 1)
        {
            _since[kept] = _since[i];
            _newest[kept] = i < Capacity / 2 ? _newest[i + 1] : _newest[i];
            kept++;
        }

        _count = kept;
    }
}
