namespace Engine;

/// <content>What counted trees can do (<see cref="TreeOptions.Counted"/>), each in O(log n).</content>
public readonly partial struct SnapshotTree
{
    /// <inheritdoc cref="TreeReader.Rank"/>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public long Rank(ReadOnlySpan<byte> key)
    {
        using var read = Begin();
        return read[_tree].Rank(key);
    }

    /// <summary>A copy of the entry that so many others come before. O(log n). Allocates the copy.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public KeyValuePair<byte[], byte[]> ElementAt(long index)
    {
        using var read = Begin();
        var (key, value) = read[_tree].ElementAt(index);
        return new(key.ToArray(), value.ToArray());
    }

    /// <inheritdoc cref="TreeReader.CountRange"/>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public long CountRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        using var read = Begin();
        return read[_tree].CountRange(from, to);
    }

    /// <inheritdoc cref="TreeReader.CountPrefix"/>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public long CountPrefix(ReadOnlySpan<byte> prefix)
    {
        using var read = Begin();
        return read[_tree].CountPrefix(prefix);
    }

    /// <inheritdoc cref="TreeReader.Partition"/>
    /// <exception cref="TreeNotFoundException">The state has no such tree.</exception>
    public byte[][] Partition(int parts)
    {
        using var read = Begin();
        return read[_tree].Partition(parts);
    }
}
