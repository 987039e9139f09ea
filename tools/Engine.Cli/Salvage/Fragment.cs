using Engine.Cli.Inspection;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>A node to which nothing leads, and the keys that can still be read below it.</summary>
/// <param name="Page">Where it lies.</param>
/// <param name="Crc">The CRC that it has.</param>
/// <param name="Level">Its level; 0 for a leaf.</param>
/// <param name="LowestKey">The lowest key that can be read.</param>
/// <param name="HighestKey">The highest key that can be read.</param>
internal sealed record Fragment(ulong Page, uint Crc, int Level, byte[] LowestKey, byte[] HighestKey)
{
    /// <summary>
    /// So many pages are looked at for the two keys: more than any sound tree needs, and few where a file was made to
    /// take long.
    /// </summary>
    private const int MostReads = 100_000;

    /// <summary>
    /// Reads the node of a page that the survey has found sound; null if no key can be read below it.
    /// </summary>
    public static Fragment? TryRead(SalvageContext context, ulong page)
    {
        byte[] node = new byte[context.Pages.Geometry.PageSize];
        if (!context.Pages.TryRead(page, node))
            return null;
        int reads = 0;
        return FindEdge(context, node, isLowest: true, ref reads) is { } lowest
            && FindEdge(context, node, isLowest: false, ref reads) is { } highest
            ? new Fragment(page, U32(node, 0), node[5], lowest, highest)
            : null;
    }

    private static byte[]? FindEdge(SalvageContext context, byte[] node, bool isLowest, ref int reads)
    {
        var header = new PageHeader(node);
        if (header.Level == 0)
        {
            _ = LeafCell.TryRead(node, header.Count, isLowest ? 0 : header.Count - 1, out LeafCell cell);
            return cell.Key(node).ToArray();
        }

        byte[] child = new byte[node.Length];
        for (int i = 0; i < header.Count && reads < MostReads; i++)
        {
            reads++;
            _ = BranchCell.TryRead(node, header.Count, isLowest ? i : header.Count - 1 - i, out BranchCell cell);
            if (IsNode(context, cell, header.Level - 1, child)
                && FindEdge(context, child, isLowest, ref reads) is { } key)
                return key;
        }

        return null;
    }

    private static bool IsNode(SalvageContext context, BranchCell cell, int level, byte[] child) =>
        context.Pages.Geometry.Contains(cell.Child)
        && context.Pages.TryRead(cell.Child, child)
        && Crc32C.OfPage(child) == cell.ChildCrc
        && NodeCells.FindProblem(child, level) is null;
}
