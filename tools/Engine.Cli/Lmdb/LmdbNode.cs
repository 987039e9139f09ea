namespace Engine.Cli.Lmdb;

/// <summary>A node of a branch or a leaf.</summary>
internal readonly ref struct LmdbNode(
    ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, int flags, uint size, ulong child)
{
    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>What lies in the page: the value, a page number, a record, or a page.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    public int Flags { get; } = flags;

    /// <summary>The length of the value, wherever it lies.</summary>
    public uint Size { get; } = size;

    /// <summary>In a branch: the child page.</summary>
    public ulong Child { get; } = child;
}
