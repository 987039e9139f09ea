namespace Engine;

/// <summary>
/// Entries of an expiring tree that have not expired, in descending order, for <c>foreach</c>. Can be enumerated any
/// number of times; allocates nothing.
/// </summary>
public readonly ref struct ReverseExpiringTreeRange
{
    private readonly RangeScope _scope;
    private readonly ulong _now;
    private readonly long _limit;

    internal ReverseExpiringTreeRange(RangeScope scope, ulong now, long limit)
    {
        _scope = scope;
        _now = now;
        _limit = limit;
    }

    /// <summary>
    /// No more than the first so many entries that have not expired: those with the greatest keys.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseExpiringTreeRange Take(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(_scope, _now, Math.Min(count, _limit));
    }

    /// <inheritdoc cref="ExpiringTreeRange.Count"/>
    public long Count()
    {
        long count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope, _now, _limit);

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly ulong _now;
        private ReverseTreeRange.Enumerator _entries;
        private long _left;

        internal Enumerator(RangeScope scope, ulong now, long limit)
        {
            _entries = new ReverseTreeRange.Enumerator(scope);
            _now = now;
            _left = limit;
        }

        /// <summary>The entry; its spans live as long as the read transaction.</summary>
        public readonly ExpiringEntry Current => new(_entries.Current);

        /// <summary>Moves to the next entry.</summary>
        public bool MoveNext()
        {
            while (_left > 0 && _entries.MoveNext())
            {
                if (!Current.IsExpired(_now))
                {
                    _left--;
                    return true;
                }
            }

            return false;
        }
    }
}
