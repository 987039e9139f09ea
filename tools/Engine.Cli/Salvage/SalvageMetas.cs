using Engine.Cli.Inspection;
using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>Decides which metas of a damaged file to begin with, the best first.</summary>
internal static class SalvageMetas
{
    /// <summary>
    /// The meta that an open would take, then the other one. If the checksum of neither is right, what looks like a meta serves as well: it holds the CRCs
    /// of its roots, so a wrong one leads nowhere.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">There is none, or nothing tells the size of a page.</exception>
    public static (List<MetaSlot> Metas, int PageSize, bool IsUnconfirmed) Choose(InspectedFile file)
    {
        List<MetaSlot> metas = [.. file.Slots.Where(slot => slot.HasRightChecksum && IsOfThisFile(file, slot)).OrderByDescending(slot => slot == file.Meta).ThenByDescending(slot => slot.Id)];
        bool isUnconfirmed = metas.Count == 0;
        if (isUnconfirmed)
            metas = [.. file.Slots.Where(slot => !slot.HasRightChecksum && LooksLikeMeta(slot)).OrderByDescending(slot => slot.Id)];
        if (metas.Count == 0)
            throw new DatabaseCorruptException($"neither slot of '{file.Path}' holds a meta, so no tree can be found: restore a backup");
        int pageSize = file.PageSize != 0 ? file.PageSize : metas.Select(PageSizeOf).FirstOrDefault(size => size != 0);
        return pageSize != 0
            ? (metas, pageSize, isUnconfirmed)
            : throw new DatabaseCorruptException($"nothing in '{file.Path}' tells the size of its pages: restore a backup");
    }

    private static bool IsOfThisFile(InspectedFile file, MetaSlot slot) =>
        file.Superblock is null || slot.Block.Slice(16, 16).SequenceEqual(file.Superblock.FileId);

    private static bool LooksLikeMeta(MetaSlot slot) => slot.Block.StartsWith(FileFormat.MetaMagic) && PageSizeOf(slot) != 0;

    private static int PageSizeOf(MetaSlot slot)
    {
        uint size = FileFormat.U32(slot.Block, 12);
        return size is >= FileFormat.MinimumPageSize and <= FileFormat.MaximumPageSize && uint.IsPow2(size) ? (int)size : 0;
    }
}
