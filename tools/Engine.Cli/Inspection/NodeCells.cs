using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>Whether the cells of a node can be read.</summary>
internal static class NodeCells
{
    /// <summary>Why a page is no node that can be read; null if it is one.</summary>
    public static string? FindProblem(ReadOnlySpan<byte> page, int level)
    {
        var header = new PageHeader(page);
        byte kind = level == 0 ? LeafKind : BranchKind;
        if (header.Kind != kind || header.Level != level)
        {
            string found = PageHeader.NameOf(header.Kind);
            return $"no {PageHeader.NameOf(kind)} of level {level}, but {found} of level {header.Level}";
        }

        if (header.Count == 0)
            return "a node without entries";
        return FindUnreadable(page, level) is var cell and >= 0 ? $"cell {cell} does not lie within the page" : null;
    }

    /// <summary>The first cell that does not lie within the page; -1 if all do.</summary>
    public static int FindUnreadable(ReadOnlySpan<byte> page, int level)
    {
        int count = new PageHeader(page).Count;
        for (int i = 0; i < count; i++)
        {
            if (level == 0 ? !LeafCell.TryRead(page, count, i, out _) : !BranchCell.TryRead(page, count, i, out _))
                return i;
        }

        return -1;
    }
}
