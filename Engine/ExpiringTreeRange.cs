namespace Engine;

/// <summary>
/// Entries of an expiring tree that have not expired, in ascending order, for <c>foreach</c>. What has expired and was
/// not cleaned yet is passed over, one by one. Can be enumerated any number of times; allocates nothing.
/// </summary>
public readonly ref struct ExpiringTreeRange
{
    private readonly RangeScope _scope;
    private readonly ulong _now;
    private readonly long _limit;

    internal ExpiringTreeRange(RangeScope scope, ulong now, long limit = RangeScope.All)
    {
        _scope = scope;
        _now = now;
        _limit = limit;
    }

    /// <summary>The same entries in descending order.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public ReverseExpiringTreeRange Reverse()
    {
        RequireNoLimit();
        return new(_scope, _now, RangeScope.All);
    }

    /// <summary>
    /// The entries of this range behind a key, whether or not it is there: the page that follows the one that ended
    /// with it. The range keeps the key.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public ExpiringTreeRange After(ReadOnlySpan<byte> key)
    {
        RequireNoLimit();
        return new(_scope.After(key), _now);
    }

    /// <summary>
    /// The entries of this range before a key, whether or not it is there: with <see cref="Reverse"/>, the page that
    /// follows the one that ended with it. The range keeps the key.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public ExpiringTreeRange Before(ReadOnlySpan<byte> key)
    {
        RequireNoLimit();
        return new(_scope.Before(key), _now);
    }

    /// <summary>No more than the first so many entries that have not expired.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ExpiringTreeRange Take(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(_scope, _now, Math.Min(count, _limit));
    }

    /// <summary>Counts the entries that have not expired, by walking over all.</summary>
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

    private void RequireNoLimit()
    {
        if (_limit != RangeScope.All)
        {
            throw new InvalidOperationException(
                "Take comes last: narrow the range and turn it around first, then take the entries.");
        }
    }

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly ulong _now;
        private TreeRange.Enumerator _entries;
        private long _left;

        internal Enumerator(RangeScope scope, ulong now, long limit)
        {
            _entries = new TreeRange.Enumerator(scope);
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
