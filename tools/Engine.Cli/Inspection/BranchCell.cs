using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>A child of a branch and the separator before it. Both lie within the page, or there is no cell.</summary>
/// <param name="Offset">Start of the separator's cell.</param>
/// <param name="SeparatorLength">Bytes of the separator, which begins 2 bytes behind.</param>
/// <param name="Child">The child's page number.</param>
/// <param name="ChildCrc">The CRC that the child must have.</param>
internal readonly record struct BranchCell(int Offset, int SeparatorLength, ulong Child, uint ChildCrc)
{
    public int SeparatorOffset => Offset + BranchCellHeader;

    public int Length => BranchCellHeader + SeparatorLength;

    /// <summary>A slot's child and separator; false if they do not lie within the page.</summary>
    public static bool TryRead(ReadOnlySpan<byte> page, int count, int index, out BranchCell cell)
    {
        cell = default;
        int slot = HeaderLength + 16 * count + 2 * index;
        if (slot + 2 > page.Length)
            return false;
        int offset = U16(page, slot);
        if (offset < HeaderLength || offset + BranchCellHeader > page.Length)
            return false;
        int child = HeaderLength + 4 * count + 12 * index;
        cell = new BranchCell(offset, U16(page, offset), U64(page, child), U32(page, child + 8));
        return cell.Offset + cell.Length <= page.Length;
    }

    public ReadOnlySpan<byte> Separator(ReadOnlySpan<byte> page) => page.Slice(SeparatorOffset, SeparatorLength);
}
