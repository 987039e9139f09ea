using Engine.Integrity;
using Engine.Pages;
using Engine.Storage;
using Superblock = Engine.Pages.Superblock;

namespace Engine.Copies;

/// <summary>
/// Copies a state page by page: every page keeps its number, free pages stay unwritten (holes, where the file system
/// has them). The copy begins a file of its own, with a new file id and one meta, which is ordered and names itself as
/// durable (docs/format.md, section 3). It has no named snapshots: what they alone hold is free in the copy.
/// </summary>
/// <param name="source">Reads the file.</param>
/// <param name="geometry">Its pages.</param>
/// <param name="meta">The meta of the state, which is pinned.</param>
/// <param name="name">What the file is called.</param>
/// <param name="cancellation">Ends the copying.</param>
internal sealed class PageCopy(
    IPageReader source, Geometry geometry, MetaSlot meta, string name, CancellationToken cancellation)
{
    private const int PieceBytes = 1024 * 1024;

    /// <summary>Writes the copy, durably.</summary>
    /// <param name="path">The file, which does not exist.</param>
    /// <param name="progress">Is told how many pages were copied, and up to which page everything was.</param>
    /// <returns>How many pages were copied.</returns>
    /// <exception cref="DatabaseCorruptException">The source does not say which of its pages are free.</exception>
    /// <exception cref="StorageWriteException">It cannot be written.</exception>
    public long Write(string path, Action<long, long> progress)
    {
        var free = FindFreePages();
        using var target = Create(path);
        target.SetLength(Math.Max((long)meta.PageCount * geometry.PageSize, FileFormat.ReservedLength));
        var buffer = new byte[Math.Max(PieceBytes, geometry.PageSize)];
        var pagesInPiece = (ulong)(buffer.Length / geometry.PageSize);
        var copied = 0L;
        for (var page = geometry.FirstPage; page < geometry.PageCount;)
        {
            cancellation.ThrowIfCancellationRequested();
            page = free.Next(page, geometry.PageCount, value: false);
            var end = free.Next(page, Math.Min(page + pagesInPiece, geometry.PageCount), value: true);
            if (end == page)
            {
                break;
            }

            var piece = buffer.AsSpan(0, (int)(end - page) * geometry.PageSize);
            source.Read((long)page * geometry.PageSize, piece);
            target.Write((long)page * geometry.PageSize, piece);
            copied += (long)(end - page);
            page = end;
            progress(copied, (long)page);
        }

        WriteHead(meta.HasNames ? UnnamedLog.Write(source, geometry, meta, target) : meta.NewestLogPageCrc, target);
        target.Flush();
        return copied;
    }

    private static FileStorageFile Create(string path)
    {
        try
        {
            return new FileStorageFile(
                File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read), path, writable: true);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Open(
                path, "cannot be created", "Grant this user the right to write to the directory.", e);
        }
    }

    /// <summary>The first two blocks; the second meta slot stays zero, as in a new file.</summary>
    private void WriteHead(uint logCrc, FileStorageFile target)
    {
        var superblock = new Superblock(geometry.PageSize, Guid.NewGuid());
        target.Write(0, superblock.ToBytes());
        var former = new Superblock(
            geometry.PageSize,
            Meta.PeekFileId(meta.Stored),
            meta.IsOld ? PageLayout.OldestVersion : PageLayout.FormatVersion);
        var copy = Meta.TryRead(meta.Stored, former)
            ?? throw new DatabaseCorruptException(
                $"The meta in slot {meta.Index} of '{name}' is not possible. Run the integrity check and restore from "
                + "a backup.");
        if (meta.HasNames)
        {
            // It has none of the pages that named snapshots hold.
            copy = copy with
            {
                HasNames = false,
                LogPageCrc = logCrc,
                LogHead = UnnamedLog.WithoutNames(meta.LogHeadEntries, geometry, meta.Id),
            };
        }

        var block = new byte[PageLayout.BlockSize];
        copy.Reissue(meta.Id, meta.Id).Write(block, superblock);
        target.Write(Meta.SlotOffset(0), block);
    }

    private PageSet FindFreePages()
    {
        var problems = new ProblemList(1);
        var session = new CheckSession(source, geometry, meta, problems, progress: null, cancellation);
        new SpaceLogCheck(session).Run();
        return problems.Count == 0
            ? session.Free
            : throw new DatabaseCorruptException(
                $"The space log of '{name}' is damaged ({problems.Problems[0]}). Copy it with the trees written anew "
                + "(compacted), which does not need it.");
    }
}
