using System.Buffers.Binary;
using Engine.Pages;

namespace Engine.Space;

/// <summary>The header of a log page (docs/format.md sections 5 and 9).</summary>
internal static class LogPage
{
    private const int PreviousOffset = PageLayout.HeaderSize;
    private const int PreviousCrcOffset = PageLayout.HeaderSize + 8;
    private const int ReservedOffset = PageLayout.HeaderSize + 12;

    /// <summary>Sets how many bytes of entries an image holds.</summary>
    public static void SetUsed(Span<byte> image, int used) =>
        BinaryPrimitives.WriteUInt32LittleEndian(image[PageLayout.LengthOffset..], (uint)used);

    /// <summary>Completes the header of an image that has its entries, and returns its CRC.</summary>
    public static uint Seal(Span<byte> image, ulong page, ulong birth, ulong previous, uint previousCrc)
    {
        image[PageLayout.KindOffset] = (byte)PageKind.Log;
        BinaryPrimitives.WriteUInt64LittleEndian(image[PageLayout.NumberOffset..], page);
        BinaryPrimitives.WriteUInt64LittleEndian(image[PageLayout.BirthOffset..], birth);
        BinaryPrimitives.WriteUInt64LittleEndian(image[PreviousOffset..], previous);
        BinaryPrimitives.WriteUInt32LittleEndian(image[PreviousCrcOffset..], previousCrc);
        var crc = PageChecksum.Compute(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image, crc);
        return crc;
    }

    public static ulong ReadBirth(ReadOnlySpan<byte> image) =>
        BinaryPrimitives.ReadUInt64LittleEndian(image[PageLayout.BirthOffset..]);

    public static ulong ReadPrevious(ReadOnlySpan<byte> image) =>
        BinaryPrimitives.ReadUInt64LittleEndian(image[PreviousOffset..]);

    public static uint ReadPreviousCrc(ReadOnlySpan<byte> image) =>
        BinaryPrimitives.ReadUInt32LittleEndian(image[PreviousCrcOffset..]);

    /// <summary>The entries of a page whose header was verified.</summary>
    public static ReadOnlySpan<byte> Entries(ReadOnlySpan<byte> image) =>
        image.Slice(
            PageLayout.LogEntriesOffset,
            (int)BinaryPrimitives.ReadUInt32LittleEndian(image[PageLayout.LengthOffset..]));

    /// <summary>Throws unless this is the log page that the reference to it means.</summary>
    /// <param name="image">The bytes of the page.</param>
    /// <param name="page">Its number.</param>
    /// <param name="crc">The CRC that the reference holds.</param>
    /// <param name="newest">The newest transaction that can have written it.</param>
    public static void Verify(ReadOnlySpan<byte> image, ulong page, uint crc, ulong newest)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(image) != crc || PageChecksum.Compute(image) != crc)
        {
            throw new DatabaseCorruptException(page, "(space log) does not have the checksum that its reference names");
        }

        if (image[PageLayout.KindOffset] != (byte)PageKind.Log
            || image[PageLayout.LevelOffset] != 0
            || BinaryPrimitives.ReadUInt16LittleEndian(image[PageLayout.SkipOffset..]) != 0
            || BinaryPrimitives.ReadUInt64LittleEndian(image[PageLayout.NumberOffset..]) != page
            || BinaryPrimitives.ReadUInt32LittleEndian(image[PageLayout.DeadOffset..]) != 0
            || BinaryPrimitives.ReadUInt32LittleEndian(image[ReservedOffset..]) != 0)
        {
            throw new DatabaseCorruptException(
                page, "should be a page of the space log, but its header says otherwise");
        }

        var birth = ReadBirth(image);
        if (birth == 0 || birth > newest)
        {
            throw new DatabaseCorruptException(
                page, $"(space log) says that transaction {birth} wrote it, but the newest is {newest}");
        }

        var used = BinaryPrimitives.ReadUInt32LittleEndian(image[PageLayout.LengthOffset..]);
        if (used == 0 || used > (uint)(image.Length - PageLayout.LogEntriesOffset))
        {
            throw new DatabaseCorruptException(page, $"(space log) says that it holds {used} bytes of entries");
        }
    }
}
