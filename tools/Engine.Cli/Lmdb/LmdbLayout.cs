using System.Buffers.Binary;

namespace Engine.Cli.Lmdb;

/// <summary>
/// The file of LMDB, as far as reading needs it and as far as both formats agree (<see cref="LmdbFormat"/> has the
/// rest). The file is an array of pages; pages 0 and 1 hold a meta each, behind the header. Behind the header of
/// another page lie the u16 offsets of the nodes. A node is {size low u16, size high u16, flags u16, key length u16,
/// key, data}; in a branch the first three words are the number of the child page.
/// </summary>
internal static class LmdbLayout
{
    public const uint Magic = 0xBEEFC0DE;
    public const int NodeHeaderLength = 8;
    public const int RecordLength = 48;

    /// <summary>A meta, without the page header.</summary>
    public const int MetaLength = 136;

    /// <summary>The start of a page that holds a meta, whatever the format.</summary>
    public const int MetaPageLength = MetaLength + 24;

    /// <summary>A flag in the meta: all pages but the metas are encrypted.</summary>
    public const int EncryptedFlag = 0x2000;

    public const int SmallestPage = 256;
    public const int LargestPage = 65536;

    /// <summary>A cursor of LMDB has room for so many levels.</summary>
    public const int DeepestTree = 32;

    public const int BranchPage = 0x01;
    public const int LeafPage = 0x02;
    public const int OverflowPage = 0x04;
    public const int MetaPage = 0x08;

    /// <summary>Items of one size without nodes: the values of a key, where they all have one size.</summary>
    public const int FixedLeafPage = 0x20;

    /// <summary>A page within a node: the values of a key, while they are few.</summary>
    public const int SubPage = 0x40;

    public const int KindMask = BranchPage | LeafPage | OverflowPage | MetaPage | FixedLeafPage | SubPage;

    /// <summary>
    /// The data of the node lie in an overflow run; the node holds a reference to it, which begins with the number of
    /// its first page.
    /// </summary>
    public const int BigData = 0x01;

    /// <summary>The data of the node are the record of a database.</summary>
    public const int SubData = 0x02;

    /// <summary>
    /// The data of the node are the values of a key, as a page or (with <see cref="SubData"/>) as a tree.
    /// </summary>
    public const int DupData = 0x04;

    public const ulong NoPage = ulong.MaxValue;

    public static ushort U16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    public static ulong U64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
