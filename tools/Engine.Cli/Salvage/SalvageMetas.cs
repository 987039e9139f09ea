using Engine.Integrity;

namespace Engine.Cli.Salvage;

/// <summary>Decides which metas of a damaged file to begin with, the best first.</summary>
internal static class SalvageMetas
{
    /// <summary>
    /// The meta that an open would take, then the other one; on request the newest one first. What looks like a meta
    /// but has a wrong checksum serves if there is no other, or on request: it holds the CRCs of its roots, so a wrong
    /// one leads nowhere. There may be none.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">Nothing tells the size of a page, and no page is sound.</exception>
    public static SalvageStart Choose(SalvageFile file, bool newest, CancellationToken cancellation)
    {
        List<MetaSlot> all =
        [
            .. file.Slots.Where(
                slot => LooksLikeMeta(slot) && IsOfThisFile(file, slot)).OrderByDescending(slot => slot.Id)
        ];
        List<MetaSlot> metas = newest || all.TrueForAll(slot => !slot.HasRightChecksum)
            ? all
            : [.. all.Where(slot => slot.HasRightChecksum).OrderByDescending(slot => slot == file.Meta)];
        int pageSize = file.PageSize != 0 ? file.PageSize : metas.Count > 0 ? PageSizeOf(metas[0])
            : PageSizeScan.Find(file.Reader, cancellation);
        if (pageSize == 0)
            throw new DatabaseCorruptException(
                $"neither the head nor a page of '{file.Path}' is left, so nothing can be found: restore a backup");
        ulong? newer = metas.Count > 0 && all[0].Id > metas[0].Id ? all[0].Id : null;
        return new SalvageStart(metas, pageSize, newer);
    }

    private static bool IsOfThisFile(SalvageFile file, MetaSlot slot) =>
        file.Superblock is null || slot.Block.Slice(16, 16).SequenceEqual(file.Superblock.FileId);

    private static bool LooksLikeMeta(MetaSlot slot) =>
        slot.Block.StartsWith(FileFormat.MetaMagic) && PageSizeOf(slot) != 0;

    private static int PageSizeOf(MetaSlot slot)
    {
        uint size = FileFormat.U32(slot.Block, 12);
        return size is >= FileFormat.MinimumPageSize and <= FileFormat.MaximumPageSize && uint.IsPow2(size)
            ? (int)size
            : 0;
    }
}
