using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>The fields of a page header (docs/format.md, section 5) as they are, right or not.</summary>
internal readonly struct PageHeader(ReadOnlySpan<byte> page)
{
    public uint Crc { get; } = U32(page, 0);

    public byte Kind { get; } = page[4];

    public byte Level { get; } = page[5];

    public int Skip { get; } = U16(page, 6);

    public ulong Page { get; } = U64(page, 8);

    public ulong Birth { get; } = U64(page, 16);

    /// <summary>Entries of a leaf, children of a branch.</summary>
    public int Count { get; } = U16(page, 24);

    public int HeapBytes { get; } = U16(page, 26);

    public int Dead { get; } = U16(page, 28);

    /// <summary>Bytes of the slots for each entry or child; of a node only.</summary>
    public int SlotLength { get; } = page[4] == LeafKind ? LeafSlotLength : BranchCheck.SlotLength(page);

    /// <summary>In an overflow page the length of the value, in a log page the bytes used.</summary>
    public uint Length { get; } = U32(page, 24);

    public bool IsNode => Kind is LeafKind or BranchKind;

    public static string NameOf(byte kind) => kind switch
    {
        LeafKind => "leaf",
        BranchKind => "branch",
        OverflowKind => "overflow",
        LogKind => "log",
        0 => "none",
        _ => "unknown",
    };

    /// <summary>
    /// The share of the space behind the header that slots and cells take, from 0 to 1; for a node only.
    /// </summary>
    public double Fill(int pageSize)
    {
        double used = (double)SlotLength * Count + HeapBytes - Dead;
        return Math.Clamp(used / (pageSize - HeaderLength), 0, 1);
    }
}
