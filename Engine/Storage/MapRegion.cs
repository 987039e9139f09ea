namespace Engine.Storage;

/// <summary>Bytes of a map that lie elsewhere in memory than its first ones.</summary>
/// <param name="offset">Where they are in the file.</param>
/// <param name="address">The first byte; readable as long as the map is.</param>
/// <param name="length">How many.</param>
internal readonly unsafe struct MapRegion(long offset, byte* address, long length)
{
    public long Offset => offset;

    public byte* Address => address;

    public long Length => length;

    public long End => offset + length;

    /// <summary>The same without what lies behind an offset, which is behind its first byte.</summary>
    public MapRegion CutAt(long end) => new(offset, address, Math.Min(length, end - offset));
}
