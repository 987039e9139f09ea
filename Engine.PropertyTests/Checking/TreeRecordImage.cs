namespace Engine.PropertyTests.Checking;

/// <summary>A tree record as it stands in an image (docs/format.md section 4).</summary>
public readonly record struct TreeRecordImage(
    ulong Root,
    uint Crc,
    byte Depth,
    byte Flags,
    ushort Reserved,
    ulong Entries,
    ulong LeafPages,
    ulong BranchPages,
    ulong OverflowPages,
    ulong Id,
    ulong ChangedIn)
{
    public const int Size = 64;

    public static TreeRecordImage Read(ReadOnlySpan<byte> data) => new(
        ImageLayout.U64(data, 0),
        ImageLayout.U32(data, 8),
        data[12],
        data[13],
        ImageLayout.U16(data, 14),
        ImageLayout.U64(data, 16),
        ImageLayout.U64(data, 24),
        ImageLayout.U64(data, 32),
        ImageLayout.U64(data, 40),
        ImageLayout.U64(data, 48),
        ImageLayout.U64(data, 56));

    /// <summary>
    /// Whether the record can be that of a tree in a file of so many pages. Says nothing about the pages.
    /// </summary>
    public bool IsWithinLimits(long firstPage, ulong pageCount)
    {
        if (Depth > ImageLayout.MaxDepth)
        {
            return false;
        }

        if (Root == 0)
        {
            return Depth == 0 && Crc == 0 && Entries == 0 && LeafPages == 0 && BranchPages == 0 && OverflowPages == 0;
        }

        return Depth > 0 && Root >= (ulong)firstPage && Root < pageCount && Entries > 0
            && LeafPages > 0 && LeafPages < pageCount && BranchPages < pageCount && OverflowPages < pageCount;
    }
}
