using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// The one way in which a transaction's pages come into the file. Whoever writes says first which pages; then, before
/// the first byte, there is room for them, and what was verified on them before is forgotten. A page that still counts
/// as verified is not written to: what somebody verified there would be taken for what is there now.
/// </summary>
internal sealed class PageFile(IStorageFile file, FileGrowth growth, VerifiedPages verified, int pageSize)
{
    /// <summary>
    /// The largest single write of pages gathered here and there. Writes that extend the file in larger pieces make the
    /// system keep it in larger units of its cache, after which small writes to that part cost several times as much
    /// (measured on ext4; see docs/design.md).
    /// </summary>
    public const int MaxWriteBytes = 64 * 1024;

    /// <summary>
    /// The largest write of pages that lie together in memory as they do in the file: those of an ascending load, which
    /// makes up to a quarter more of them in a second by it.
    /// </summary>
    public const int MaxTogetherBytes = 256 * 1024;

    /// <summary>
    /// The largest write of many values together: their pages are seldom written one by one, and what the system keeps
    /// in large units it makes in half of the time.
    /// </summary>
    public const int MaxValuesBytes = 1024 * 1024;

    private long _pagesWritten;

    /// <summary>Pages that were written. Written by who writes, one at a time; read by anybody.</summary>
    public long PagesWritten => Volatile.Read(ref _pagesWritten);

    /// <summary>
    /// Makes ready to write pages that nothing refers to, so that a failure from here on loses nothing.
    /// </summary>
    /// <param name="pages">What will be written.</param>
    /// <param name="pageCount">Pages that the file has with them.</param>
    /// <exception cref="StorageWriteException">There is no room.</exception>
    public void Prepare(ReadOnlySpan<WrittenPages> pages, ulong pageCount)
    {
        growth.Ensure(pageCount);
        verified.Ensure(pageCount);
        foreach (var run in pages)
        {
            verified.Forget(run.Page, run.Pages);
        }
    }

    /// <summary>Writes pages that lie together in memory and in the file, piece by piece.</summary>
    /// <param name="first">The first page.</param>
    /// <param name="number">Its number in the file.</param>
    /// <param name="pages">How many.</param>
    /// <param name="maxBytes">The length of a piece.</param>
    public void Write(Page first, ulong number, ulong pages, int maxBytes = MaxWriteBytes)
    {
        RequirePrepared(number, pages);
        var bytes = (long)pages * pageSize;
        var position = (long)number * pageSize;
        for (long offset = 0; offset < bytes; offset += maxBytes)
        {
            file.Write(position + offset, first.BytesFrom(offset, (int)Math.Min(maxBytes, bytes - offset)));
        }

        Volatile.Write(ref _pagesWritten, _pagesWritten + (long)pages);
    }

    /// <summary>Does several writes of whole pages.</summary>
    /// <param name="writes">The writes.</param>
    /// <param name="pieces">Where the pages lie in memory.</param>
    /// <param name="areJoined">Whether the pieces of each write are copied together before.</param>
    public void Write(ReadOnlySpan<GatheringWrite> writes, ReadOnlySpan<MemoryPiece> pieces, bool areJoined)
    {
        long pages = 0;
        foreach (var write in writes)
        {
            var count = write.Length / pageSize;
            RequirePrepared((ulong)(write.Offset / pageSize), (ulong)count);
            pages += count;
        }

        if (!areJoined)
        {
            file.Write(writes, pieces);
        }
        else
        {
            foreach (var write in writes)
            {
                write.WriteJoined(file, pieces);
            }
        }

        Volatile.Write(ref _pagesWritten, _pagesWritten + pages);
    }

    /// <summary>Writes a page, or few that follow each other, whose bytes lie elsewhere.</summary>
    public void Write(ulong number, ReadOnlySpan<byte> bytes)
    {
        var pages = bytes.Length / pageSize;
        RequirePrepared(number, (ulong)pages);
        file.Write((long)number * pageSize, bytes);
        Volatile.Write(ref _pagesWritten, _pagesWritten + pages);
    }

    /// <summary>
    /// Marks what was written as verified, because this process vouches for it; of a run of several pages the first
    /// one, which alone has a header. Whoever forgets it pays another verification.
    /// </summary>
    public void MarkWritten(ReadOnlySpan<WrittenPages> pages)
    {
        foreach (var run in pages)
        {
            verified.MarkWritten(run.Page);
        }
    }

    private void RequirePrepared(ulong number, ulong pages)
    {
        if (verified.HasAny(number, pages))
        {
            throw new InvalidOperationException(
                $"Page {number}, or one of the {pages} from it on, was to be written without having been prepared. "
                + "The transaction must be aborted; please report this.");
        }
    }
}
