using System.Runtime.CompilerServices;

namespace Engine;

/// <content>What counted trees can do (<see cref="TreeOptions.Counted"/>), each in O(log n).</content>
public readonly ref partial struct TreeReader<TKey, TValue>
{
    /// <inheritdoc cref="TreeReader.Rank"/>
    /// <example>
    /// <code>
    /// using var read = db.BeginRead();
    /// var better = read.Open(ranking).Rank((-score, player));
    /// </code>
    /// </example>
    [SkipLocalsInit]
    public long Rank(TKey key) => _reader.Rank(Tree.KeyCodec.Encode(key, stackalloc byte[Scratch.Length]));

    /// <summary>The entry that so many others come before. O(log n).</summary>
    /// <param name="index">From 0 on.</param>
    /// <param name="entry">The entry, which is decoded when it is asked for its key and value.</param>
    /// <returns>False if the index is negative or there are not so many entries.</returns>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public bool TryGetAt(long index, out Entry<TKey, TValue> entry) =>
        Result(_reader.TryGetAt(index, out var found), found, out entry);

    /// <summary>The entry that so many others come before. O(log n).</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <returns>The entry, which is decoded when it is asked for its key and value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public Entry<TKey, TValue> ElementAt(long index) => new(_reader.ElementAt(index), Tree);

    /// <summary>
    /// How many entries there are with from ≤ key &lt; to; 0 if <paramref name="from"/> is not below
    /// <paramref name="to"/>. O(log n), as <see cref="TreeRange{TKey, TValue}.Count"/> of any range is.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    [SkipLocalsInit]
    public long CountRange(TKey from, TKey to) => _reader.CountRange(
        Tree.KeyCodec.Encode(from, stackalloc byte[Scratch.Length]),
        Tree.KeyCodec.Encode(to, stackalloc byte[Scratch.Length]));

    /// <summary>
    /// An entry that is chosen by chance, each with the same probability: for samples and estimates. O(log n).
    /// </summary>
    /// <param name="random">Chooses.</param>
    /// <param name="entry">The entry, which is decoded when it is asked for its key and value.</param>
    /// <returns>False if the tree is empty.</returns>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public bool TryGetRandom(Random random, out Entry<TKey, TValue> entry) =>
        Result(_reader.TryGetRandom(random, out var found), found, out entry);

    /// <inheritdoc cref="TreeReader.Partition"/>
    /// <example>
    /// <code>
    /// using var read = db.BeginRead();
    /// int[] borders = read.Open(scores).Partition(4);
    /// var first = read.Open(scores).Until(borders[0]).Count();
    /// </code>
    /// </example>
    public TKey[] Partition(int parts)
    {
        var codec = Tree.KeyCodec;
        return Array.ConvertAll(_reader.Partition(parts), key => codec.Decode(key));
    }
}
