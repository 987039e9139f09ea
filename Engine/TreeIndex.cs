using Engine.Transactions;

namespace Engine;

/// <summary>
/// An index of a tree, whatever its keys are. See <see cref="TreeIndex{TIndexKey, TKey, TValue}"/>. Thread-safe.
/// </summary>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
public abstract class TreeIndex<TKey, TValue>
{
    /// <summary>The attributes of the index's own tree that were right last.</summary>
    private byte[]? _compared;

    /// <summary>The attributes of the tree that named the index last.</summary>
    private byte[]? _named;

    private protected TreeIndex(Tree<TKey, TValue> tree, Tree untyped, in IndexDefinition definition)
    {
        Tree = tree;
        Untyped = untyped;
        Definition = definition;
        Codecs = definition.CodecsFor(tree.KeyCodec.Name);
    }

    /// <summary>The name of the index.</summary>
    public string Name => Untyped.Name;

    /// <summary>Whether each key of the index has one entry at the most.</summary>
    public bool IsUnique => Definition.IsUnique;

    /// <summary>The tree that it is an index of.</summary>
    public Tree<TKey, TValue> Tree { get; }

    /// <summary>
    /// The index as a tree of bytes: its keys are pairs of the index's key and the tree's, encoded as a composite key
    /// of the two, its values are empty. To look at; writing to it makes it wrong.
    /// </summary>
    public Tree Untyped { get; }

    internal IndexDefinition Definition { get; }

    internal TreeCodecs Codecs { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Definition} of {Tree}";

    /// <summary>Selects and encodes what an entry has in the index.</summary>
    internal abstract void SetEntry(
        int item, TKey key, ReadOnlySpan<byte> keyPart, TValue value, bool isNew, IndexChanges changes);

    /// <summary>How many bytes of an entry of the index are the index's key.</summary>
    /// <exception cref="InvalidEncodingException">It is no entry of the index.</exception>
    internal abstract int GetIndexKeyLength(ReadOnlySpan<byte> entry);

    /// <summary>The tree's key in an entry of the index.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="scratch">What the result may lie in.</param>
    /// <exception cref="InvalidEncodingException">It is no entry of the index.</exception>
    internal ReadOnlySpan<byte> GetKey(ReadOnlySpan<byte> entry, Span<byte> scratch)
    {
        var part = entry[GetIndexKeyLength(entry)..];
        if (Tree.KeyCodec.IsPrefixFree)
        {
            return part;
        }

        var end = PartBytes.FindEnd(part, Tree.KeyCodec.Name, out var escapes);
        if (end + PartBytes.EndLength != part.Length)
        {
            Malformed.ThrowTooLong(part.Length, end + PartBytes.EndLength, Tree.KeyCodec.Name);
        }

        if (escapes == 0)
        {
            return part[..end];
        }

        var length = end - escapes;
        var key = length <= scratch.Length ? scratch[..length] : new byte[length];
        PartBytes.Unescape(part[..end], key);
        return key;
    }

    /// <summary>Whether attributes are those of the tree that the index is.</summary>
    internal bool HasCodecs(byte[] attributes)
    {
        if (!ReferenceEquals(attributes, Volatile.Read(ref _compared)))
        {
            if (TreeCodecs.From(attributes) != Codecs)
            {
                return false;
            }

            Volatile.Write(ref _compared, attributes);
        }

        return true;
    }

    /// <summary>Refuses a tree that does not have this index.</summary>
    /// <param name="attributes">The tree's attributes.</param>
    internal void RequireIn(byte[] attributes)
    {
        if (!ReferenceEquals(attributes, Volatile.Read(ref _named)))
        {
            if (!IndexList.Read(Tree.Name, attributes).Contains(Definition))
            {
                throw Missing();
            }

            Volatile.Write(ref _named, attributes);
        }
    }

    internal IndexMismatchException Missing() => new(
        Tree.Name,
        $"Tree '{Tree.Name}' has no index {Definition}, or the tree that it was is gone. "
        + "WriteTransaction.BuildIndexes makes it.");
}
