using System.Runtime.CompilerServices;

namespace Engine;

/// <summary>
/// An entry of a tree that was found by an index. What is asked for is decoded, each time: take it once. The value is
/// looked for in the tree when it is asked for.
/// </summary>
/// <typeparam name="TIndexKey">The type of the index's keys.</typeparam>
/// <typeparam name="TKey">The type of the tree's keys.</typeparam>
/// <typeparam name="TValue">The type of the tree's values.</typeparam>
public readonly ref struct IndexEntry<TIndexKey, TKey, TValue>
{
    private readonly ReadOnlySpan<byte> _entry;
    private readonly TreeReader _tree;
    private readonly TreeIndex<TIndexKey, TKey, TValue> _index;

    internal IndexEntry(ReadOnlySpan<byte> entry, TreeReader tree, TreeIndex<TIndexKey, TKey, TValue> index)
    {
        _entry = entry;
        _tree = tree;
        _index = index;
    }

    /// <summary>The entry's key in the index.</summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a key.</exception>
    public TIndexKey IndexKey => _index.KeyCodec.DecodePart(_entry, out _);

    /// <summary>The entry's key.</summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a key.</exception>
    public TKey Key => _index.DecodeKey(_entry[_index.GetIndexKeyLength(_entry)..]);

    /// <summary>The entry's value: a lookup in the tree.</summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a value.</exception>
    /// <exception cref="StaleIndexException">The tree has no such entry.</exception>
    public TValue Value => _index.Tree.ValueCodec.Decode(ValueBytes);

    /// <summary>
    /// The bytes of the entry's value, a lookup in the tree; they live as long as the read transaction.
    /// </summary>
    /// <exception cref="StaleIndexException">The tree has no such entry.</exception>
    public ReadOnlySpan<byte> ValueBytes
    {
        [SkipLocalsInit]
        get
        {
            var key = _index.GetKey(_entry, stackalloc byte[Scratch.Length]);
            return _tree.TryGet(key, out var value)
                ? value
                : throw new StaleIndexException(_index.Tree.Name, _index.Name);
        }
    }

    /// <summary>The bytes of both keys, as the index has them; they live as long as the read transaction.</summary>
    public ReadOnlySpan<byte> IndexBytes => _entry;

    /// <summary>For <c>foreach (var (indexKey, key, value) in …)</c>.</summary>
    public void Deconstruct(out TIndexKey indexKey, out TKey key, out TValue value)
    {
        indexKey = _index.KeyCodec.DecodePart(_entry, out var length);
        key = _index.DecodeKey(_entry[length..]);
        value = Value;
    }
}
