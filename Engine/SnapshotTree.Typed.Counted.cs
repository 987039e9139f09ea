namespace Engine;

/// <content>What counted trees can do (<see cref="TreeOptions.Counted"/>), each in O(log n).</content>
public readonly partial struct SnapshotTree<TKey, TValue>
{
    /// <inheritdoc cref="TreeReader.Rank"/>
    public long Rank(TKey key)
    {
        RequireSnapshot();
        using var read = _snapshot.BeginRead();
        return read.Open(_tree).Rank(key);
    }

    /// <summary>The entry that so many others come before. O(log n).</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public KeyValuePair<TKey, TValue> ElementAt(long index)
    {
        RequireSnapshot();
        using var read = _snapshot.BeginRead();
        var (key, value) = read.Open(_tree).ElementAt(index);
        return new(key, value);
    }

    /// <inheritdoc cref="TreeReader.CountRange"/>
    public long CountRange(TKey from, TKey to)
    {
        RequireSnapshot();
        using var read = _snapshot.BeginRead();
        return read.Open(_tree).CountRange(from, to);
    }

    /// <inheritdoc cref="TreeReader.Partition"/>
    public TKey[] Partition(int parts)
    {
        RequireSnapshot();
        using var read = _snapshot.BeginRead();
        return read.Open(_tree).Partition(parts);
    }
}
