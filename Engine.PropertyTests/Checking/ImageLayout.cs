using System.Buffers.Binary;

namespace Engine.PropertyTests.Checking;

/// <summary>Offsets and limits of docs/format.md, and reading numbers from an image.</summary>
internal static class ImageLayout
{
    public const int BlockSize = 4096;
    public const int ReservedBytes = 16384;
    public const int ChecksumOffset = 4088;
    public const int HeaderSize = 32;
    public const int MetaLogHead = 1280;
    public const int MetaLogHeadSize = 2808;
    public const int MetaRunList = 256;
    public const int MetaOldRuns = 80;
    public const int MetaRuns = 4096;
    public const int MetaListRun = 224;
    public const int MetaInlineList = 1024;
    public const int ListRunBytes = 65536 - HeaderSize;
    public const int LogBody = 48;
    public const int MaxDepth = 32;
    public const int ReferenceSize = 24;

    public static ReadOnlySpan<byte> SuperblockMagic => "ENGNKVDB"u8;

    public static ReadOnlySpan<byte> MetaMagic => "ENGNMETA"u8;

    public static long FirstPage(int pageSize) => Math.Max(ReservedBytes, pageSize) / pageSize;

    public static int KeyLimit(int pageSize) => Math.Min(pageSize / 4, (pageSize - HeaderSize) / 3 - 28);

    public static long RunPages(long valueLength, int pageSize) => (HeaderSize + valueLength + pageSize - 1) / pageSize;

    public static ushort U16(ReadOnlySpan<byte> data, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(data[offset..]);

    public static uint U32(ReadOnlySpan<byte> data, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);

    public static ulong U64(ReadOnlySpan<byte> data, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);

    public static bool IsZero(ReadOnlySpan<byte> data) => !data.ContainsAnyExcept((byte)0);
}
