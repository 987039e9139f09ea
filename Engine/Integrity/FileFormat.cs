using System.Buffers.Binary;

namespace Engine.Integrity;

/// <summary>
/// The numbers of docs/format.md, written down a second time: the check shares no constant with the writer, so that a
/// slip there does not hide here.
/// </summary>
internal static class FileFormat
{
    public const int Version = 3;
    public const int OldVersion = 2;
    public const int BlockSize = 4096;
    public const int ReservedLength = 4 * BlockSize;
    public const int BlockChecksumOffset = 4088;
    public const int MinimumPageSize = 256;
    public const int MaximumPageSize = 65536;
    public const int MaximumDepth = 32;
    public const ulong MaximumId = (1UL << 63) - 2;
    public const int OldMaximumRuns = 80;
    public const int MaximumRuns = 4096;
    public const int InlineListOffset = 256;
    public const int InlineListLength = 1024;
    public const int MaximumListLength = 65536 - HeaderLength;
    public const int MaskOffset = 512;
    public const uint SnapshotFeature = 1;
    public const int LogHeadOffset = 1280;
    public const int LogHeadLength = 2808;
    public const int TreeRecordLength = 64;
    public const ulong DefaultTreeId = 0;
    public const ulong CatalogTreeId = 1;
    public const ulong FirstNamedTreeId = 2;
    public const int SnapshotEntryLength = 168;

    public const int HeaderLength = 32;
    public const int LogEntriesOffset = 48;
    public const int LeafSlotLength = 6;
    public const int LeafCellHeader = 4;
    public const int OverflowReferenceLength = 24;
    public const int BranchSlotLength = 18;

    /// <summary>The flag of a counted tree …</summary>
    public const int CountedTree = 1;

    /// <summary>… and that of a multi-valued one. There are no others.</summary>
    public const int MultimapTree = 2;
    public const int KnownTreeFlags = CountedTree | MultimapTree;

    /// <summary>The attribute of a multi-valued tree that tells the length of its keys, u16.</summary>
    public const int KeySizeTag = 6;

    /// <summary>The branches of counted trees have this in their flags.</summary>
    public const int CountedPage = 2;
    public const int BranchCellHeader = 2;
    public const int OverflowBit = 0x8000;

    public const byte LeafKind = 1;
    public const byte BranchKind = 2;
    public const byte OverflowKind = 3;
    public const byte LogKind = 4;

    public static ReadOnlySpan<byte> SuperblockMagic => "ENGNKVDB"u8;

    /// <summary>The tree of the names of snapshots.</summary>
    public static ReadOnlySpan<byte> SnapshotTree => "engine:snapshots"u8;

    public static ReadOnlySpan<byte> MetaMagic => "ENGNMETA"u8;

    public static ushort U16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    public static ulong U64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    /// <summary>Where the first byte other than zero lies, from the start of the span; -1 if there is none.</summary>
    public static int FirstNonZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0);

    /// <summary>Pages of the overflow run of a value.</summary>
    public static ulong OverflowPages(uint valueLength, int pageSize) =>
        ((ulong)HeaderLength + valueLength + (uint)pageSize - 1) / (uint)pageSize;
}
