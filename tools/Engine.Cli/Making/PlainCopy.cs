using Engine.Cli.Inspection;
using Engine.Cli.Shared;
using Engine.Integrity;
using Engine.Pages;
using Engine.Storage;
using Superblock = Engine.Pages.Superblock;

namespace Engine.Cli.Making;

/// <summary>
/// Copies a state page by page: every page keeps its number, free pages stay unwritten (holes, where the file system
/// has them). The copy begins a file of its own, with a new file id and one meta, which is ordered and names itself as
/// durable (docs/format.md, section 3). It has no named snapshots: what they alone hold is free in the copy.
/// </summary>
internal sealed class PlainCopy
{
    private const int PieceBytes = 1024 * 1024;

    private readonly InspectedFile _source;
    private readonly CancellationToken _cancellation;

    public PlainCopy(InspectedFile source, CancellationToken cancellation)
    {
        _source = source;
        _cancellation = cancellation;
    }

    /// <summary>Pages that were copied.</summary>
    public ulong Copied { get; private set; }

    /// <summary>Writes the copy, durably.</summary>
    /// <exception cref="DatabaseCorruptException">The source does not say which of its pages are free.</exception>
    public void Write(string path, ProgressUpdate progress)
    {
        MetaSlot meta = _source.RequireMeta();
        Geometry geometry = _source.Geometry;
        PageSet free = FindFreePages(meta, geometry);
        using IStorageFile target = new FileStorageFile(
            File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read), path, writable: true);
        target.SetLength(Math.Max((long)meta.PageCount * geometry.PageSize, FileFormat.ReservedLength));
        byte[] buffer = new byte[Math.Max(PieceBytes, geometry.PageSize)];
        ulong pagesInPiece = (ulong)(buffer.Length / geometry.PageSize);
        for (ulong page = geometry.FirstPage; page < geometry.PageCount;)
        {
            _cancellation.ThrowIfCancellationRequested();
            page = free.Next(page, geometry.PageCount, value: false);
            ulong end = free.Next(page, Math.Min(page + pagesInPiece, geometry.PageCount), value: true);
            if (end == page)
                break;
            Span<byte> piece = buffer.AsSpan(0, (int)(end - page) * geometry.PageSize);
            _source.Reader.Read((long)page * geometry.PageSize, piece);
            target.Write((long)page * geometry.PageSize, piece);
            Copied += end - page;
            page = end;
            progress((long)Copied, (long)page);
        }

        uint logCrc = meta.HasNames ? UnnamedLog.Write(_source.Reader, geometry, meta, target) : meta.NewestLogPageCrc;
        WriteHead(meta, geometry, logCrc, target);
        target.Flush();
    }

    /// <summary>The first two blocks; the second meta slot stays zero, as in a new file.</summary>
    private static void WriteHead(MetaSlot source, Geometry geometry, uint logCrc, IStorageFile target)
    {
        int pageSize = geometry.PageSize;
        var superblock = new Superblock(pageSize, Guid.NewGuid());
        target.Write(0, superblock.ToBytes());
        var former = new Superblock(
            pageSize,
            Meta.PeekFileId(source.Stored),
            source.IsOld ? PageLayout.OldestVersion : PageLayout.FormatVersion);
        Meta meta = Meta.TryRead(source.Stored, former)
            ?? throw new DatabaseCorruptException(
                $"the meta in slot {source.Index} is not possible: look at it with engine info");
        if (meta.HasNames)
        {
            // It has none of the pages that named snapshots hold.
            meta = meta with
            {
                HasNames = false,
                LogPageCrc = logCrc,
                LogHead = UnnamedLog.WithoutNames(source.LogHeadEntries, geometry, source.Id),
            };
        }

        byte[] block = new byte[PageLayout.BlockSize];
        meta.Reissue(meta.Id, meta.Id).Write(block, superblock);
        target.Write(Meta.SlotOffset(0), block);
    }

    private PageSet FindFreePages(MetaSlot meta, Geometry geometry)
    {
        var problems = new ProblemList(1);
        var session = new CheckSession(_source.Reader, geometry, meta, problems, null, _cancellation);
        new SpaceLogCheck(session).Run();
        return problems.Count == 0
            ? session.Free
            : throw new DatabaseCorruptException(
                $"the space log of '{_source.Path}' is damaged ({problems.Problems[0]}): copy it with --compact, which "
                + "does not need it");
    }
}
