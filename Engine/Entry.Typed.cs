namespace Engine;

/// <summary>
/// An entry of a typed tree. Key and value are decoded when they are asked for, each time: take them once.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly ref struct Entry<TKey, TValue>
{
    private readonly Entry _entry;
    private readonly Tree<TKey, TValue> _tree;

    internal Entry(Entry entry, Tree<TKey, TValue> tree)
    {
        _entry = entry;
        _tree = tree;
    }

    /// <summary>The key.</summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a key.</exception>
    public TKey Key => _tree.KeyCodec.Decode(_entry.Key);

    /// <summary>The value.</summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a value.</exception>
    public TValue Value => _tree.ValueCodec.Decode(_entry.Value);

    /// <summary>The bytes of the key; they live as long as the read transaction.</summary>
    public ReadOnlySpan<byte> KeyBytes => _entry.Key;

    /// <summary>The bytes of the value; they live as long as the read transaction.</summary>
    public ReadOnlySpan<byte> ValueBytes => _entry.Value;

    /// <summary>For <c>foreach (var (key, value) in …)</c>.</summary>
    public void Deconstruct(out TKey key, out TValue value)
    {
        key = Key;
        value = Value;
    }
}
