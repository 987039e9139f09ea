using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>A tree record (section 4), taken from a meta or from a value of the catalog.</summary>
internal readonly struct TreeRecord
{
    public TreeRecord(ReadOnlySpan<byte> bytes)
    {
        Root = U64(bytes, 0);
        RootCrc = U32(bytes, 8);
        Depth = bytes[12];
        Flags = bytes[13];
        Zeros = U16(bytes, 14);
        Entries = U64(bytes, 16);
        LeafPages = U64(bytes, 24);
        BranchPages = U64(bytes, 32);
        OverflowPages = U64(bytes, 40);
        Id = U64(bytes, 48);
        Changed = U64(bytes, 56);
    }

    public ulong Root { get; }

    public uint RootCrc { get; }

    public byte Depth { get; }

    public byte Flags { get; }

    public ushort Zeros { get; }

    public ulong Entries { get; }

    public ulong LeafPages { get; }

    public ulong BranchPages { get; }

    public ulong OverflowPages { get; }

    public ulong Id { get; }

    /// <summary>Id of the transaction that last changed the tree.</summary>
    public ulong Changed { get; }

    /// <summary>
    /// What makes the record impossible in a file of so many pages (section 4); null if nothing does.
    /// </summary>
    public string? Impossibility(ulong firstPage, ulong pageCount)
    {
        if (Depth > MaximumDepth)
            return $"depth {Depth}, above {MaximumDepth}";
        if (Depth == 0)
        {
            return Root == 0 && RootCrc == 0 && Entries == 0 && LeafPages == 0 && BranchPages == 0 && OverflowPages == 0
                ? null
                : $"depth 0 with root {Root}, root CRC {Words.Hex(RootCrc)}, {Entries} entries and {LeafPages}, "
                    + $"{BranchPages} and {OverflowPages} pages";
        }

        if (Root < firstPage || Root >= pageCount)
            return $"root {Root}, which is none of the pages {firstPage} to {pageCount - 1}";
        return Entries > 0 && LeafPages > 0 && LeafPages < pageCount
            && BranchPages < pageCount && OverflowPages < pageCount
            ? null
            : $"{Entries} entries in {LeafPages} leaf, {BranchPages} branch and {OverflowPages} overflow pages";
    }
}
