namespace Engine;

/// <summary>
/// A pair that two states of a multi-valued tree do not have in common. Its spans live as long as both read
/// transactions; the compiler sees to it.
/// </summary>
public readonly ref struct PairChange
{
    internal PairChange(ChangeKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Kind = kind;
        Key = key;
        Value = value;
    }

    /// <summary>
    /// What became of it: <see cref="ChangeKind.Added"/> or <see cref="ChangeKind.Removed"/>, since a pair is there or
    /// not.
    /// </summary>
    public ChangeKind Kind { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
