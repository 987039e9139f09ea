namespace Engine;

/// <summary>
/// An entry that two states of a tree do not have in common. Its spans live as long as both read transactions; the
/// compiler sees to it.
/// </summary>
public readonly ref struct TreeChange
{
    internal TreeChange(
        ChangeKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> oldValue, ReadOnlySpan<byte> newValue)
    {
        Kind = kind;
        Key = key;
        OldValue = oldValue;
        NewValue = newValue;
    }

    /// <summary>What became of it.</summary>
    public ChangeKind Kind { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value in the older state; empty if that has no such entry.</summary>
    public ReadOnlySpan<byte> OldValue { get; }

    /// <summary>The value in the newer state; empty if that has no such entry.</summary>
    public ReadOnlySpan<byte> NewValue { get; }
}
