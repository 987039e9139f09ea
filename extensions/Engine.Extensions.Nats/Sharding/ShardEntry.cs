namespace Engine.Extensions.Nats;

/// <summary>An entry of one of several shards.</summary>
public readonly ref struct ShardEntry
{
    internal ShardEntry(int shard, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Shard = shard;
        Key = key;
        Value = value;
    }

    /// <summary>Number of the shard.</summary>
    public int Shard { get; }

    /// <summary>The key; lives until the walk moves on.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value; lives until the walk moves on.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Key and value.</summary>
    public void Deconstruct(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = Key;
        value = Value;
    }
}
