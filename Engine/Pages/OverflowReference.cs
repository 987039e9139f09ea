using System.Buffers.Binary;

namespace Engine.Pages;

/// <summary>
/// Where a value outside its leaf lies. Birth is here as well, so that freeing a value does not read a cold page.
/// </summary>
/// <param name="Page">First page of the run; a dirty reference until commit.</param>
/// <param name="Birth">The transaction that wrote the run.</param>
/// <param name="Crc">CRC of the run.</param>
/// <param name="Length">Length of the value in bytes.</param>
internal readonly record struct OverflowReference(ulong Page, ulong Birth, uint Crc, uint Length)
{
    /// <summary>Reads 24 bytes.</summary>
    public static OverflowReference Read(ReadOnlySpan<byte> cell) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(cell),
        BinaryPrimitives.ReadUInt64LittleEndian(cell[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(cell[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(cell[20..]));

    /// <summary>Writes the 24 bytes that stand in a leaf cell.</summary>
    public void Write(Span<byte> cell)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(cell, Page);
        BinaryPrimitives.WriteUInt64LittleEndian(cell[8..], Birth);
        BinaryPrimitives.WriteUInt32LittleEndian(cell[16..], Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(cell[20..], Length);
    }
}
