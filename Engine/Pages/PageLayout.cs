namespace Engine.Pages;

/// <summary>
/// Offsets, sizes and limits of the file format (docs/format.md). Everything that knows the layout uses these.
/// </summary>
internal static class PageLayout
{
    /// <summary>Superblock and meta slots are blocks of this size, whatever the page size is.</summary>
    public const int BlockSize = 4096;

    /// <summary>Bytes at the start of the file that belong to blocks 0–3.</summary>
    public const int ReservedBytes = 4 * BlockSize;

    /// <summary>
    /// The version that is written. Version 1 summed pages so that equal changes at some distances cancelled out; only
    /// builds before the first release wrote it.
    /// </summary>
    public const int FormatVersion = 3;

    /// <summary>The oldest version that is read.</summary>
    public const int OldestVersion = 2;

    public const int DefaultPageSize = 4096;
    public const int MinPageSize = 4096;
    public const int MaxPageSize = 65536;

    /// <summary>Tests use smaller pages, so that splits and merges need only a handful of keys.</summary>
    public const int MinTestPageSize = 256;

    public const int HeaderSize = 32;

    // Header fields.
    public const int CrcOffset = 0;
    public const int KindOffset = 4;
    public const int LevelOffset = 5;
    public const int SkipOffset = 6;
    public const int NumberOffset = 8;
    public const int BirthOffset = 16;
    public const int CountOffset = 24;
    public const int HeapBytesOffset = 26;
    public const int DeadOffset = 28;
    public const int FlagsOffset = 30;

    /// <summary>
    /// Overflow pages: value length. Log pages: bytes used. Both u32, in the place of count and heap bytes.
    /// </summary>
    public const int LengthOffset = 24;

    /// <summary>
    /// The flags of a branch that has counts. All other pages have none. (Builds before the first release wrote wider
    /// counts, with 1.)
    /// </summary>
    public const ushort CountedPage = 2;

    public const int HeadSize = 4;
    public const int ChildSize = 12;
    public const int OffsetSize = 2;
    public const int LeafSlotSize = HeadSize + OffsetSize;
    public const int BranchSlotSize = HeadSize + ChildSize + OffsetSize;

    /// <summary>The widest of the children's entry counts in branches of counted trees.</summary>
    public const int MaxCountSize = 8;
    public const int LeafCellHeader = 4;
    public const int BranchCellHeader = 2;

    /// <summary>Bit 15 of a leaf cell's value field: the value lives in an overflow run.</summary>
    public const int OverflowBit = 0x8000;

    /// <summary>{page u64, birth u64, run CRC u32, length u32}.</summary>
    public const int OverflowReferenceSize = 24;

    /// <summary>Log pages: {previous page u64, its CRC u32, zero u32} before the entries.</summary>
    public const int LogEntriesOffset = HeaderSize + 16;

    public const int MaxDepth = 32;
    public const int TreeRecordSize = 64;

    /// <summary>
    /// Bytes of a child's entry count in a branch of a counted tree. No leaf has 2^16 entries, and no branch of leaves
    /// 2^32 below it.
    /// </summary>
    public static int CountSize(int level) => level switch
    {
        1 => sizeof(ushort),
        2 => sizeof(uint),
        _ => MaxCountSize,
    };

    public static bool IsPageSize(long size) =>
        size is >= MinTestPageSize and <= MaxPageSize && (size & (size - 1)) == 0;

    /// <summary>The first page that can hold data.</summary>
    public static ulong FirstPage(int pageSize) => (ulong)(Math.Max(ReservedBytes, pageSize) / pageSize);

    /// <summary>
    /// The longest key: a quarter of a page, and less where three branch entries would not fit a page.
    /// </summary>
    public static int MaxKeyLength(int pageSize) =>
        Math.Min(pageSize / 4, ((pageSize - HeaderSize) / 3) - BranchSlotSize - BranchCellHeader - MaxCountSize);

    /// <summary>What an entry takes of a leaf: its cell and its slot.</summary>
    public static int LeafEntrySize(int keyLength, int valueBytes) =>
        LeafCellHeader + keyLength + valueBytes + LeafSlotSize;

    /// <summary>
    /// The largest leaf cell: two cells with their slots always fit a page, so that a two-way split always exists.
    /// </summary>
    public static int MaxLeafCell(int pageSize) => ((pageSize - HeaderSize) / 2) - LeafSlotSize;

    /// <summary>
    /// The longest tree name in UTF-8: a key whose cell holds a tree record and its attributes inline. Without
    /// attributes less than the key limit only at a page size of 256.
    /// </summary>
    public static int MaxNameLength(int pageSize, int attributeBytes = 0) => Math.Min(
        MaxKeyLength(pageSize), MaxLeafCell(pageSize) - LeafCellHeader - TreeRecordSize - attributeBytes);

    /// <summary>Pages of the overflow run that holds a value of <paramref name="length"/> bytes.</summary>
    public static ulong OverflowPages(uint length, int pageSize) =>
        ((ulong)length + HeaderSize + (ulong)pageSize - 1) / (ulong)pageSize;
}
