using Engine.Pages;
using Engine.Space;
using Engine.Storage;
using PageSet = Engine.Integrity.PageSet;

namespace Engine.Backups;

/// <summary>
/// Writes the space log of a restored file: all pages that nothing uses are free, and no snapshot can hold them. What
/// does not fit into the log head goes into pages, the lowest of the free ones, one at a time: so it takes no memory,
/// however many there are.
/// </summary>
internal sealed class FreeSpaceLog
{
    private readonly PageSet _used;
    private readonly BackupState _state;

    /// <param name="used">The pages in use.</param>
    /// <param name="state">The state that they are of.</param>
    public FreeSpaceLog(PageSet used, BackupState state)
    {
        _used = used;
        _state = state;
    }

    /// <summary>Writes the pages of the log, if it needs any.</summary>
    /// <param name="file">The file.</param>
    /// <param name="meta">The meta of its state.</param>
    /// <returns>The meta with the log.</returns>
    public Meta Write(IStorageFile file, Meta meta)
    {
        var firstPage = PageLayout.FirstPage(_state.PageSize);
        var counter = default(LogCounter);
        Emit(ref counter, firstPage);
        if (counter.Bytes <= Meta.LogHeadCapacity / 2)
        {
            // No more than half of it, as a writer leaves it, so that the first commits find room.
            var head = new byte[Meta.LogHeadCapacity];
            var packer = new LogPacker([], _state.PageSize, 0, head);
            Emit(ref packer, firstPage);
            return meta with { LogHead = head.AsMemory(0, packer.Complete(_state.Id)) };
        }

        // There are more free runs than the log has pages by far: a page takes many.
        var writer = new LogPageWriter(file, _used, _state, CountPages(counter.Bytes));
        var sink = new PageSink(writer);
        Emit(ref sink, writer.FirstFree);
        writer.Complete();
        return meta with { LogPage = writer.Newest, LogPageCrc = writer.NewestCrc, LogPages = writer.Pages };
    }

    /// <summary>Gives the free runs from a page on to a sink.</summary>
    private void Emit<TSink>(ref TSink sink, ulong from)
        where TSink : struct, ILogSink
    {
        sink.Group(_state.Id);
        for (var page = _used.Next(from, _state.PageCount, value: false); page < _state.PageCount;)
        {
            var end = _used.Next(page, _state.PageCount, value: true);
            sink.Free(new Extent(page, end - page), _state.Id);
            page = _used.Next(end, _state.PageCount, value: false);
        }
    }

    /// <summary>So many pages are enough: in each, less room is left than for one entry.</summary>
    private uint CountPages(long bytes)
    {
        var longest = 2 + (2 * Leb128.Length(_state.PageCount));
        var room = _state.PageSize - PageLayout.LogEntriesOffset - LogEncoding.GroupLength(_state.Id) - longest;
        return checked((uint)((bytes + longest + room - 1) / room));
    }

    private readonly struct PageSink(LogPageWriter writer) : ILogSink
    {
        public void Group(ulong transaction)
        {
            // There is one, with which each page begins.
        }

        public void Free(Extent pages, ulong birth) => writer.Free(pages);

        public void Allocate(Extent pages) => throw new InvalidOperationException("Nothing is taken here.");

        public void Name(LogTag tag, ulong snapshot) => throw new InvalidOperationException("No state has a name here.");
    }
}
