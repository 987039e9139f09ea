using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>Reads single nodes of trees by their references.</summary>
internal sealed class NodeReader(InspectedFile file)
{
    /// <summary>The page, if it is the readable node that the reference means; otherwise why not.</summary>
    public byte[]? TryRead(ulong page, uint crc, int level, out string problem)
    {
        problem = "";
        byte[] buffer = new byte[file.PageSize];
        if (!file.Geometry.Contains(page))
            problem = $"it is not among the pages {file.Geometry}";
        else if (!file.TryRead(page, buffer))
            problem = "it lies beyond the end of the file";
        else if (Crc32C.OfPage(buffer) is var computed && computed != crc)
            problem = $"CRC {Words.Hex(computed)}, and its reference says {Words.Hex(crc)}";
        else if (buffer[4] != (level == 0 ? LeafKind : BranchKind) || buffer[5] != level || U16(buffer, 24) == 0)
            problem = $"it is of kind {buffer[4]} and level {buffer[5]} with {U16(buffer, 24)} entries, where a node "
                + $"of level {level} is expected";
        else if (NodeCells.FindUnreadable(buffer, level) >= 0)
            problem = "its cells do not lie within the page";
        return problem.Length == 0 ? buffer : null;
    }
}
