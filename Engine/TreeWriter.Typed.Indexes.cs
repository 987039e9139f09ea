namespace Engine;

/// <content>What is done otherwise to a tree with indexes.</content>
public readonly ref partial struct TreeWriter<TKey, TValue>
{
    private long LoadWithIndexes(IEnumerable<KeyValuePair<TKey, TValue>> entries, BulkLoadOptions options)
    {
        options.Validate();
        var isEmpty = Untyped.Count == 0;
        try
        {
            return isEmpty ? LoadFirst(entries, options) : PutAll(entries);
        }
        catch (Exception e)
        {
            try
            {
                _transaction.Fail(e);
            }
            catch (Exception ended) when (ended is ObjectDisposedException or InvalidOperationException)
            {
                // The sequence has ended the transaction, or begun a nested one: the failure is that.
            }

            throw;
        }
    }

    /// <summary>Loads into an empty tree, then its indexes.</summary>
    private long LoadFirst(IEnumerable<KeyValuePair<TKey, TValue>> entries, BulkLoadOptions options)
    {
        using var loader = Untyped.BeginLoad(options);
        foreach (var (key, value) in entries)
        {
            Add(loader, key, value);
        }

        loader.Complete();
        _transaction.RefillIndexes(_tree, options);
        return loader.Added;
    }

    private long PutAll(IEnumerable<KeyValuePair<TKey, TValue>> entries)
    {
        // Keeps the sequence from committing what has been put so far.
        using var load = Untyped.BeginLoad();
        long added = 0;
        foreach (var (key, value) in entries)
        {
            Put(key, value);
            added++;
        }

        load.Complete();
        return added;
    }

    private long DeletePrefix(scoped ReadOnlySpan<byte> prefix)
    {
        if (!HasIndexes)
        {
            return Untyped.DeletePrefix(prefix);
        }

        Span<byte> buffer = prefix.Length <= Scratch.Length ? stackalloc byte[Scratch.Length] : new byte[prefix.Length];
        var hasEnd = RangeBounds.TrySuccessor(prefix, buffer, out var end);
        return IndexedWrites.DeleteRange(_transaction, _tree, prefix, end, hasEnd);
    }

    private long DeleteRange(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to, bool hasTo)
    {
        if (HasIndexes)
        {
            return IndexedWrites.DeleteRange(_transaction, _tree, from, to, hasTo);
        }

        return hasTo ? Untyped.DeleteRange(from, to) : Untyped.DeleteFrom(from);
    }
}
