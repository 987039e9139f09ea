using System.Buffers.Binary;

namespace Engine.Backups;

/// <summary>What stands before the bytes of a page, or of all pages of an overflow run, in a backup stream.</summary>
/// <param name="Page">The number of the first page.</param>
/// <param name="Birth">The transaction that wrote it.</param>
/// <param name="Crc">The page CRC, or the run CRC.</param>
/// <param name="Pages">How many pages follow.</param>
internal readonly record struct BackupItem(ulong Page, ulong Birth, uint Crc, uint Pages)
{
    public const int Size = 24;

    /// <summary>
    /// Where an item could begin, page 0 begins the trailer: zero u64, items u64, pages u64, digest u64.
    /// </summary>
    public const int TrailerSize = 32;

    /// <summary>The second of the two words that the digest has of an item.</summary>
    public ulong SumAndPages => Crc | ((ulong)Pages << 32);

    public static BackupItem Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(source),
        BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[20..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, Page);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Birth);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], Pages);
    }
}
