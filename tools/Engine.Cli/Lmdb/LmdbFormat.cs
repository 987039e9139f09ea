namespace Engine.Cli.Lmdb;

/// <summary>
/// What differs between the formats of LMDB, on 64-bit little-endian machines. A page begins with a header: its number
/// u64, in version 2 the transaction that wrote it u64, then pad u16 (the size of the items in a leaf of fixed-size
/// items), flags u16, and the bounds of the free space, lower u16 and upper u16 (an overflow run has its number of
/// pages there, u32).
/// </summary>
/// <param name="Version">The version that a meta names.</param>
/// <param name="HeaderLength">Bytes of a page header.</param>
/// <param name="OffsetBase">Where the bounds and the offsets of the nodes are counted from: the start of the page, or
/// the end of its header.</param>
/// <param name="OverflowReferenceLength">What a node holds of a value in an overflow run: the page, in version 2 also
/// its transaction and its pages.</param>
internal sealed record LmdbFormat(uint Version, int HeaderLength, int OffsetBase, int OverflowReferenceLength)
{
    /// <summary>LMDB 0.9.</summary>
    public static readonly LmdbFormat Version1 = new(1, 16, 0, sizeof(ulong));

    /// <summary>LMDB 1.0.</summary>
    public static readonly LmdbFormat Version2 = new(2, 24, 24, 3 * sizeof(ulong));

    public static readonly IReadOnlyList<LmdbFormat> All = [Version1, Version2];

    public int PadOffset => HeaderLength - 8;

    public int FlagsOffset => HeaderLength - 6;

    public int LowerOffset => HeaderLength - 4;
}
