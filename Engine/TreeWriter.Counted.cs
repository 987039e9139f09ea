using Engine.Trees;

namespace Engine;

/// <content>
/// What counted trees can do (<see cref="TreeOptions.Counted"/>), each in O(log n) and what has changed since the last
/// of them. More of it, without copies, is in <see cref="WriteTransaction.Read{TState, TResult}"/>.
/// </content>
public readonly ref partial struct TreeWriter
{
    /// <inheritdoc cref="TreeReader.Rank"/>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public long Rank(ReadOnlySpan<byte> key)
    {
        using var entered = EnterToRead(out var context);
        var tree = context.ResolveCounted(_tree.Id, out var source);
        return Amount.From(TreeRank.Of(source, tree, key, out _));
    }

    /// <summary>A copy of the entry that so many others come before. Allocates the copy.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such entry.</exception>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public KeyValuePair<byte[], byte[]> ElementAt(long index)
    {
        using var entered = EnterToRead(out var context);
        var tree = context.ResolveCounted(_tree.Id, out var source);
        var cursor = new TreeCursor(source, tree);
        return index >= 0 && cursor.MoveToRank((ulong)index)
            ? new(cursor.Key.ToArray(), cursor.Value.ToArray())
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"The tree has {tree.Entries} entries.");
    }

    /// <inheritdoc cref="TreeReader.CountRange"/>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public long CountRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        using var entered = EnterToRead(out var context);
        var tree = context.ResolveCounted(_tree.Id, out var source);
        var first = TreeRank.Of(source, tree, from, out _);
        var end = TreeRank.Of(source, tree, to, out _);
        return end <= first ? 0 : Amount.From(end - first);
    }
}
