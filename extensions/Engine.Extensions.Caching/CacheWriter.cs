namespace Engine.Extensions.Caching;

/// <summary>
/// Writes what was collected, in transactions of bounded size that are committed without a flush, and keeps the cache
/// within its limit. One thread at a time does so; readers go on.
/// </summary>
internal sealed class CacheWriter
{
    /// <summary>
    /// So many changes a transaction takes at the most in a database where others may want to write, too: some
    /// milliseconds. In the cache's own, more of them share pages.
    /// </summary>
    private const int SharedBatchCount = 1000;
    private const int BatchCount = 10 * SharedBatchCount;

    /// <summary>Or so many bytes.</summary>
    private const long BatchBytes = 16 << 20;

    /// <summary>
    /// What has expired is removed so much later: a reader that took the time before the end, and was held up since,
    /// has noted its renewal by then.
    /// </summary>
    private static readonly long Grace = TimeSpan.FromSeconds(1).Ticks;

    private readonly Lock _turn = new();
    private readonly Database _database;
    private readonly CacheTrees _trees;
    private readonly PendingEntries _pending;
    private readonly Renewals _renewals;
    private readonly CacheCounters _counters;
    private readonly TouchedEntries? _touched;
    private readonly TimeProvider _time;
    private readonly long _sizeLimit;
    private readonly int _step;
    private readonly int _batchCount;
    private readonly KeyHash _hash;

    private CacheState _state;
    private long _size;

    /// <summary>Eviction goes on from this key.</summary>
    private byte[] _hand = [];

    public CacheWriter(
        Database database,
        CacheTrees trees,
        PendingEntries pending,
        Renewals renewals,
        TouchedEntries? touched,
        CacheCounters counters,
        EngineCacheOptions options,
        TimeProvider time)
    {
        (_database, _trees, _pending, _renewals) = (database, trees, pending, renewals);
        (_touched, _counters, _time) = (touched, counters, time);
        (_sizeLimit, _step, _hash) = (options.SizeLimit ?? long.MaxValue, options.SweepBatch, options.KeyHash);
        _batchCount = options.Database is null ? BatchCount : SharedBatchCount;
        _state = trees.Open();
        _size = _state.Size;
    }

    /// <summary>Bytes of all entries.</summary>
    public long Size => Volatile.Read(ref _size);

    private long Now => _time.GetUtcNow().UtcTicks;

    /// <summary>Writes all changes that were made before the call, then evicts what is too much.</summary>
    public void WritePending()
    {
        lock (_turn)
        {
            var entries = _pending.ToArray();
            var keys = Array.ConvertAll(entries, StoredKey);

            // In the order of the tree, so that neighbours share pages.
            keys.AsSpan().Sort(entries.AsSpan(), static (left, right) => left.AsSpan().SequenceCompareTo(right));
            for (var start = 0; start < entries.Length;)
            {
                var count = 1;
                for (var bytes = entries[start].Size; start + count < entries.Length && count < _batchCount; count++)
                {
                    bytes += entries[start + count].Size;
                    if (bytes > BatchBytes)
                    {
                        break;
                    }
                }

                Write(keys.AsSpan(start, count), entries.AsSpan(start, count));
                start += count;
            }

            Evict();
        }
    }

    /// <summary>Writes all renewals that were made before the call.</summary>
    public void WriteRenewals()
    {
        lock (_turn)
        {
            foreach (var batch in _renewals.ToArray().Chunk(_batchCount))
            {
                Write(batch);
            }
        }
    }

    /// <summary>Removes what has expired, in steps.</summary>
    /// <returns>How many entries.</returns>
    public long RemoveExpired(CancellationToken cancellationToken)
    {
        long removed = 0;
        WriteRenewals();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_turn)
            {
                removed += RemoveExpired(Now - Grace, out var places);
                if (places < _step)
                {
                    return removed;
                }
            }
        }
    }

    private byte[] StoredKey(PendingEntry entry) => CacheKey.Write(
        entry.Key, stackalloc byte[CacheKey.BufferLength(entry.Key)], _database.MaxKeyLength, _hash).ToArray();

    private void Write(Span<byte[]> keys, Span<PendingEntry> entries)
    {
        var (ids, ends, now) = (new ulong[keys.Length], new long[keys.Length], Now);
        using (var transaction = _database.BeginWrite())
        {
            var edit = new CacheEdit(transaction, _trees, _state);
            for (var i = 0; i < keys.Length; i++)
            {
                ends[i] = entries[i].Ticks;
                if (entries[i].Value is { } value && ends[i] > now - Grace)
                {
                    var lifetime = entries[i].Lifetime with { Deadline = ends[i] };
                    ids[i] = edit.Put(keys[i], entries[i].Key, CacheKey.IsHashed(keys[i]), value, lifetime);
                }
                else if (edit.Find(keys[i], entries[i].Key) is { IsOfKey: true } old)
                {
                    edit.Remove(keys[i], old);
                }
            }

            Commit(edit);
        }

        // What is in the database now is looked for there from now on; where readers have moved an end meanwhile they
        // have done it here.
        for (var i = 0; i < keys.Length; i++)
        {
            while (ids[i] != 0 && entries[i].Lifetime.IsSliding && !entries[i].TryClose(ends[i]))
            {
                ends[i] = entries[i].Ticks;
                _renewals.Note(ids[i], keys[i], ends[i]);
            }

            _pending.Remove(entries[i]);
        }
    }

    private void Write(Renewal[] renewals)
    {
        var ends = new long[renewals.Length];
        var moved = 0;
        using (var transaction = _database.BeginWrite())
        {
            var edit = new CacheEdit(transaction, _trees, _state);
            for (var i = 0; i < renewals.Length; i++)
            {
                ends[i] = renewals[i].Ticks;
                if (ends[i] != Deadline.Closed
                    && edit.Find(renewals[i].StoredKey, key: null) is { } entry
                    && entry.Header.Id == renewals[i].Id
                    && entry.Deadline < ends[i])
                {
                    edit.Move(renewals[i].StoredKey, entry, ends[i]);
                    moved++;
                }
            }

            if (moved > 0)
            {
                Commit(edit);
            }
        }

        _counters.Renewals.Add(moved);
        for (var i = 0; i < renewals.Length; i++)
        {
            if (renewals[i].TryClose(ends[i]))
            {
                _renewals.Remove(renewals[i]);
            }
        }
    }

    /// <summary>One step of a sweep.</summary>
    /// <param name="until">Only what has ended by then.</param>
    /// <param name="places">How many it has looked at.</param>
    private int RemoveExpired(long until, out int places)
    {
        using var transaction = _database.BeginWrite();
        var due = transaction.Read(
            (Writer: this, Until: until), static (read, sweep) => sweep.Writer.Due(read, sweep.Until));
        places = due.Count;
        if (due.Count == 0)
        {
            return 0;
        }

        var removed = 0;
        var edit = new CacheEdit(transaction, _trees, _state);
        foreach (var (place, id, storedKey) in due)
        {
            if (_renewals.TryGet(id, out var renewed) && renewed > until)
            {
                // Read since the renewals were written: the next ones write it.
                places--;
            }
            else if (edit.Find(storedKey, key: null) is { } entry && entry.Header.Id == id && entry.Deadline <= until)
            {
                edit.Remove(storedKey, entry);
                removed++;
            }
            else
            {
                edit.RemovePlace(place);
            }
        }

        Commit(edit);
        _counters.Expired.Add(removed);
        return removed;
    }

    private List<(byte[] Place, ulong Id, byte[] StoredKey)> Due(scoped ReadTransaction read, long until)
    {
        var due = new List<(byte[], ulong, byte[])>();
        Span<byte> end = stackalloc byte[CacheTrees.ExpiryKeyLength];
        foreach (var (place, storedKey) in
            read[_trees.Expiry].Until(CacheTrees.ExpiryKey(Math.Max(until, 0) + 1, 0, end)).Take(_step))
        {
            due.Add((place.ToArray(), CacheTrees.IdOf(place), storedKey.ToArray()));
        }

        return due;
    }

    /// <summary>
    /// Removes what has expired, then what was not read since this came by last, going round in the order of the
    /// stored keys. If everything was read, the second round takes what the first has spared.
    /// </summary>
    private void Evict()
    {
        while (_state.Size > _sizeLimit && RemoveExpired(Now - Grace, out _) > 0)
        {
        }

        long looked = 0;
        while (_state.Size > _sizeLimit)
        {
            using var transaction = _database.BeginWrite();
            var count = transaction[_trees.Entries].Count;
            if (count == 0)
            {
                // The sum was wrong, because somebody else has written to the trees; now it is right.
                SetState(_state with { Size = 0 });
                return;
            }

            var marksCount = looked <= 2 * count;
            var victims = transaction.Read(
                (Writer: this, MarksCount: marksCount),
                static (read, eviction) => eviction.Writer.Victims(read, eviction.MarksCount));
            var edit = new CacheEdit(transaction, _trees, _state);
            foreach (var (storedKey, entry) in victims)
            {
                edit.Remove(storedKey, entry);
            }

            looked += _step;
            if (victims.Count > 0)
            {
                Commit(edit);
                _counters.Evicted.Add(victims.Count);
            }
        }
    }

    private List<(byte[] StoredKey, StoredEntry Entry)> Victims(scoped ReadTransaction read, bool marksCount)
    {
        var victims = new List<(byte[], StoredEntry)>();
        var excess = _state.Size - _sizeLimit;
        var looked = 0;
        var from = _hand;
        _hand = [];
        foreach (var (storedKey, stored) in read[_trees.Entries].From(from))
        {
            if (looked++ == _step || excess <= 0)
            {
                _hand = storedKey.ToArray();
                break;
            }

            var entry = StoredEntry.From(read, _trees, stored, key: null);
            if (!marksCount || !_touched!.Unmark(entry.Header.Id))
            {
                victims.Add((storedKey.ToArray(), entry));
                excess -= storedKey.Length + stored.Length;
            }
        }

        return victims;
    }

    private void Commit(CacheEdit edit)
    {
        edit.Commit();
        SetState(edit.State);
        _counters.Batches.Add();
    }

    private void SetState(CacheState state)
    {
        _state = state;
        Volatile.Write(ref _size, state.Size);
    }
}
