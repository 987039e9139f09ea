namespace Engine;

/// <summary>
/// A key with its value. Both spans live as long as the read transaction that they came from; the compiler sees to it.
/// </summary>
public readonly ref struct Entry
{
    internal Entry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>For <c>foreach (var (key, value) in …)</c>.</summary>
    public void Deconstruct(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = Key;
        value = Value;
    }
}
