namespace Engine;

/// <summary>
/// What became of one key of <see cref="TreeReader.GetMany(ReadOnlySpan{ReadOnlyMemory{byte}})"/>. The value's span
/// lives as long as the read transaction, the key's as long as the caller's array.
/// </summary>
public readonly ref struct GetManyEntry
{
    internal GetManyEntry(int index, ReadOnlySpan<byte> key, bool isFound, ReadOnlySpan<byte> value)
    {
        Index = index;
        Key = key;
        IsFound = isFound;
        Value = value;
    }

    /// <summary>The position of the key among those that were asked for, from 0 on.</summary>
    public int Index { get; }

    /// <summary>The key, as it was given.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Whether the tree has the key.</summary>
    public bool IsFound { get; }

    /// <summary>The value; empty if the key is absent.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
