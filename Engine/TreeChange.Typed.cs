namespace Engine;

/// <summary>
/// An entry that two states of a typed tree do not have in common. Key and values are decoded when they are asked for,
/// each time: take them once.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly ref struct TreeChange<TKey, TValue>
{
    private readonly TreeChange _change;
    private readonly Tree<TKey, TValue> _tree;

    internal TreeChange(TreeChange change, Tree<TKey, TValue> tree)
    {
        _change = change;
        _tree = tree;
    }

    /// <summary>The same as bytes.</summary>
    public TreeChange Untyped => _change;

    /// <summary>What became of it.</summary>
    public ChangeKind Kind => _change.Kind;

    /// <summary>The key.</summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a key.</exception>
    public TKey Key => _tree.KeyCodec.Decode(_change.Key);

    /// <summary>
    /// The value in the older state; the default value of its type (null, zero) if that has no such entry.
    /// </summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a value.</exception>
    public TValue? OldValue => Kind == ChangeKind.Added ? default : _tree.ValueCodec.Decode(_change.OldValue);

    /// <summary>
    /// The value in the newer state; the default value of its type (null, zero) if that has no such entry.
    /// </summary>
    /// <exception cref="InvalidEncodingException">The bytes are no encoding of a value.</exception>
    public TValue? NewValue => Kind == ChangeKind.Removed ? default : _tree.ValueCodec.Decode(_change.NewValue);
}
