using System.Buffers.Binary;

namespace Engine.Pages;

/// <summary>What the meta and the catalog say of one tree (docs/format.md section 4).</summary>
internal record struct TreeRecord
{
    /// <summary>
    /// Root page, 0 when the tree is empty; while a write transaction is open it may be a dirty reference.
    /// </summary>
    public ulong Root;
    public uint RootCrc;

    /// <summary>Number of levels; 0 when the tree is empty.</summary>
    public int Depth;
    public TreeFlags Flags;
    public ulong Entries;
    public ulong LeafPages;
    public ulong BranchPages;
    public ulong OverflowPages;
    public ulong TreeId;
    public ulong LastChanged;

    public readonly ulong TotalPages => LeafPages + BranchPages + OverflowPages;

    public static TreeRecord Read(ReadOnlySpan<byte> source) => new()
    {
        Root = BinaryPrimitives.ReadUInt64LittleEndian(source),
        RootCrc = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
        Depth = source[12],
        Flags = (TreeFlags)source[13],
        Entries = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
        LeafPages = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
        BranchPages = BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
        OverflowPages = BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
        TreeId = BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
        LastChanged = BinaryPrimitives.ReadUInt64LittleEndian(source[56..]),
    };

    public readonly void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Root);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], RootCrc);
        destination[12] = (byte)Depth;
        destination[13] = (byte)Flags;
        destination[14] = 0;
        destination[15] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Entries);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], LeafPages);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], BranchPages);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], OverflowPages);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[48..], TreeId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], LastChanged);
    }

    /// <summary>Whether the fields are possible in a file of <paramref name="pageCount"/> pages.</summary>
    public readonly bool IsPlausible(ulong firstPage, ulong pageCount) =>
        Depth == 0
            ? Root == 0 && RootCrc == 0 && Entries == 0 && LeafPages == 0 && BranchPages == 0 && OverflowPages == 0
            : Depth <= PageLayout.MaxDepth && Root >= firstPage && Root < pageCount && Entries > 0
                && LeafPages > 0 && LeafPages < pageCount && BranchPages < pageCount && OverflowPages < pageCount;
}
