using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>
/// Where the parts of a leaf's cell lie in its page. All of them lie within the page, or there is no cell.
/// </summary>
/// <param name="Offset">Start of the cell.</param>
/// <param name="KeyLength">Bytes of the key, which begins 4 bytes behind.</param>
/// <param name="ValueLength">Bytes behind the key: the inline value, or 24 of a reference.</param>
/// <param name="IsOverflow">Whether they are a reference to an overflow run.</param>
internal readonly record struct LeafCell(int Offset, int KeyLength, int ValueLength, bool IsOverflow)
{
    public int KeyOffset => Offset + LeafCellHeader;

    public int ValueOffset => KeyOffset + KeyLength;

    public int Length => LeafCellHeader + KeyLength + ValueLength;

    /// <summary>The cell of a slot; false if the slot or the cell does not lie within the page.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, int count, int index, out LeafCell cell)
    {
        cell = default;
        int slot = HeaderLength + 4 * count + 2 * index;
        if (slot + 2 > page.Length)
            return false;
        int offset = U16(page, slot);
        if (offset < HeaderLength || offset + LeafCellHeader > page.Length)
            return false;
        int word = U16(page, offset + 2);
        bool isOverflow = (word & OverflowBit) != 0;
        cell = new LeafCell(offset, U16(page, offset), isOverflow ? OverflowReferenceLength : word, isOverflow);
        return cell.Offset + cell.Length <= page.Length;
    }

    public ReadOnlySpan<byte> Key(ReadOnlySpan<byte> page) => page.Slice(KeyOffset, KeyLength);

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> page) => page.Slice(ValueOffset, ValueLength);

    /// <summary>The reference of an overflow cell.</summary>
    public OverflowReference Reference(ReadOnlySpan<byte> page)
    {
        ReadOnlySpan<byte> value = Value(page);
        return new OverflowReference(U64(value, 0), U64(value, 8), U32(value, 16), U32(value, 20));
    }
}
