using Engine.Pages;
using Engine.Storage;

namespace Engine.Tests.Infrastructure;

/// <summary>What the metas of a file say.</summary>
internal static class Metas
{
    public static Meta Newest(IStorage storage)
    {
        using var file = storage.OpenFile(writable: false);
        byte[] superblock = new byte[PageLayout.BlockSize], block = new byte[PageLayout.BlockSize];
        file.Read(0, superblock);
        Meta? newest = null;
        for (var slot = 0; slot < 2; slot++)
        {
            file.Read(Meta.SlotOffset(slot), block);
            var meta = Meta.TryRead(block, Superblock.Read(superblock, "it"));
            newest = meta is not null && (newest is null || meta.Id > newest.Id) ? meta : newest;
        }

        return newest!;
    }
}
