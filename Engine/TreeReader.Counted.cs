using Engine.Trees;

namespace Engine;

/// <content>What counted trees can do (<see cref="TreeOptions.Counted"/>), each in O(log n).</content>
public readonly ref partial struct TreeReader
{
    /// <summary>
    /// How many keys are smaller than a key, which may be absent: the index that it has, or would have. O(log n).
    /// </summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public long Rank(scoped ReadOnlySpan<byte> key)
    {
        TreeRank.RequireCounted(_tree);
        return Amount.From(TreeRank.Of(Context().Source, _tree, key, out _));
    }

    /// <summary>The entry that so many others come before. O(log n).</summary>
    /// <param name="index">From 0 on.</param>
    /// <param name="entry">The entry; its spans live as long as the read transaction.</param>
    /// <returns>False if the index is negative or there are not so many entries.</returns>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public bool TryGetAt(long index, out Entry entry)
    {
        TreeRank.RequireCounted(_tree);
        var cursor = NewCursor();
        return Result(ref cursor, index >= 0 && cursor.MoveToRank((ulong)index), out entry);
    }

    /// <summary>The entry that so many others come before. O(log n).</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <returns>The entry; its spans live as long as the read transaction.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public Entry ElementAt(long index) => TryGetAt(index, out var entry)
        ? entry
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The tree has {Count} entries.");

    /// <summary>
    /// How many entries there are with from ≤ key &lt; to; 0 if <paramref name="from"/> is not below
    /// <paramref name="to"/>. O(log n).
    /// </summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public long CountRange(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to)
    {
        TreeRank.RequireCounted(_tree);
        return new RangeScope(Context(), _epoch, _tree, from, to, RangeEnd.Below).TryCount() ?? 0;
    }

    /// <summary>How many entries there are whose keys begin with a prefix. O(log n).</summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public long CountPrefix(scoped ReadOnlySpan<byte> prefix)
    {
        TreeRank.RequireCounted(_tree);
        return new RangeScope(Context(), _epoch, _tree, prefix, prefix, RangeEnd.Prefix).TryCount() ?? 0;
    }

    /// <summary>
    /// Divides the entries into parts of the same size, give or take one: for several threads, say, that read one
    /// snapshot each from <c>keys[i]</c> to <c>keys[i + 1]</c>. Allocates the keys. O(parts · log n).
    /// </summary>
    /// <param name="parts">How many.</param>
    /// <returns>
    /// The first keys of the parts from the second one on, ascending; fewer if there are not so many entries.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The parts are fewer than one.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    /// <example>
    /// <code>
    /// using var read = db.BeginRead();
    /// byte[][] borders = read[scores].Partition(4);
    /// var first = read[scores].Until(borders[0]).Count();
    /// </code>
    /// </example>
    public byte[][] Partition(int parts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        TreeRank.RequireCounted(_tree);
        var all = Count;
        var keys = new List<byte[]>();
        long last = 0;
        for (var part = 1; part < parts; part++)
        {
            var index = (long)((Int128)all * part / parts);
            if (index > last && TryGetAt(index, out var entry))
            {
                keys.Add(entry.Key.ToArray());
                last = index;
            }
        }

        return [.. keys];
    }

    /// <summary>
    /// An entry that is chosen by chance, each with the same probability: for samples and estimates. O(log n).
    /// </summary>
    /// <param name="random">Chooses.</param>
    /// <param name="entry">The entry; its spans live as long as the read transaction.</param>
    /// <returns>False if the tree is empty.</returns>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public bool TryGetRandom(Random random, out Entry entry)
    {
        ArgumentNullException.ThrowIfNull(random);
        TreeRank.RequireCounted(_tree);
        return TryGetAt(Count == 0 ? 0 : random.NextInt64(Count), out entry);
    }
}
