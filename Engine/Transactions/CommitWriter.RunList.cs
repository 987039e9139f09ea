using System.Buffers.Binary;
using Engine.Pages;
using Engine.Space;

namespace Engine.Transactions;

/// <content>
/// The run list of a verified commit: in the meta if it fits there, and otherwise in pages of its own. These are taken
/// before the space log is sealed, which may take pages that are listed, too; so their number follows from a bound.
/// </content>
internal sealed partial class CommitWriter
{
    /// <summary>The room that is left for pages of the space log; a commit rarely has one.</summary>
    private const int ForeseenLogPages = 20;

    private readonly int _inlineRunsLimit;
    private byte[] _list = new byte[RunList.InlineCapacity];
    private byte[] _listRun = [];

    /// <summary>Seals the space that the commit takes, and lists its pages if recovery is to verify them.</summary>
    /// <param name="transactionId">The commit.</param>
    /// <param name="maxPages">So many pages are listed at most; 0 for a commit that has no list.</param>
    /// <param name="early">What belongs to the commit and was written before.</param>
    /// <param name="names">The named snapshots that it makes and takes away.</param>
    /// <param name="list">The run list, if it has one.</param>
    public SealedSpace Seal(
        ulong transactionId,
        ulong maxPages,
        Dictionary<ulong, WrittenPages>.ValueCollection early,
        List<NamedPin> names,
        out CommitList list)
    {
        list = default;
        var mark = _space.Mark();
        if (maxPages > 0)
        {
            foreach (var value in early)
            {
                _items.Add(value);
                maxPages -= Math.Min(maxPages, value.Pages);
            }
        }

        var mayBeListed = Count <= maxPages && maxPages > 0;
        var run = mayBeListed ? TakeListRun() : default;
        var space = SealSpace(names);
        if (mayBeListed && Count <= maxPages && TryList(run, transactionId, out list))
        {
            if (list.Run.Page != 0)
            {
                _items.Add(new(run.Start, run.Length, list.Run.Crc));
                Count += run.Length;
            }

            return space;
        }

        if (run.Length > 0)
        {
            // The space log needed more pages than were foreseen.
            foreach (var image in space.NewLogPages.Span)
            {
                var page = image.Page;
                _items.RemoveAll(item => item.Page == page);
                Count--;
            }

            _space.Unseal(mark);
            space = SealSpace(names);
        }

        return space;
    }

    private SealedSpace SealSpace(List<NamedPin> names)
    {
        var space = _space.Seal(names);
        foreach (var image in space.NewLogPages.Span)
        {
            _items.Add(new(image.Page, 1, image.Crc));
            Count++;
        }

        return space;
    }

    /// <summary>Takes pages for the list if it may not fit the meta; few commits have as many runs as that.</summary>
    private Extent TakeListRun()
    {
        var number = Leb128.Length((2 * _space.PageCount) + 4096);
        var reserve = ForeseenLogPages * 2 * number;
        if (_items.Count == 0 || (_items.Count * 2 * number) + reserve <= _inlineRunsLimit)
        {
            return default;
        }

        SortItems();
        var bound = Encode(out _) + reserve;
        return bound <= _inlineRunsLimit
            ? default
            : _space.TakeRun(PageLayout.OverflowPages((uint)bound, _pageSize));
    }

    /// <summary>Lists the pages; false if the list does not fit where there is room for it.</summary>
    private bool TryList(Extent run, ulong transactionId, out CommitList list)
    {
        SortItems();
        var length = Encode(out var count);
        var digest = default(XxHash64);
        foreach (var (page, _, crc) in _items)
        {
            digest.Append(page);
            digest.Append(crc);
        }

        var reference = default(OverflowReference);
        list = default;
        if (run.Length > 0)
        {
            // As long as its pages have room for, so that the length tells their number; zeros behind the list.
            var capacity = ((int)run.Length * _pageSize) - PageLayout.HeaderSize;
            if (length > capacity)
            {
                return false;
            }

            reference = FillListRun(run, _list.AsSpan(0, length), (uint)capacity, transactionId);
            length = 0;
        }
        else if (length > _inlineRunsLimit)
        {
            return false;
        }

        list = new CommitList(count, digest.Finish(), _list.AsMemory(0, length), reference, IsListed: true);
        return true;
    }

    private void SortItems() => _items.Sort(static (a, b) => a.Page.CompareTo(b.Page));

    /// <summary>Encodes the runs of the sorted items, neighbours joined, and returns the length of that.</summary>
    private int Encode(out int count)
    {
        if (_list.Length < _items.Count * RunList.MaxEntryBytes)
        {
            _list = new byte[2 * _items.Count * RunList.MaxEntryBytes];
        }

        var length = 0;
        var next = PageLayout.FirstPage(_pageSize);
        count = 0;
        for (var i = 0; i < _items.Count;)
        {
            var start = _items[i].Page;
            var end = start;
            for (; i < _items.Count && _items[i].Page == end; i++)
            {
                end += _items[i].Pages;
            }

            length += RunList.WriteEntry(_list.AsSpan(length), start - next, (uint)(end - start));
            next = end;
            count++;
        }

        return length;
    }

    /// <summary>Makes the pages of a list run, and what refers to them.</summary>
    private OverflowReference FillListRun(Extent run, ReadOnlySpan<byte> list, uint length, ulong transactionId)
    {
        var bytes = (int)run.Length * _pageSize;
        if (_listRun.Length < bytes)
        {
            _listRun = new byte[bytes];
        }

        var pages = _listRun.AsSpan(0, bytes);
        pages.Clear();
        pages[PageLayout.KindOffset] = (byte)PageKind.Overflow;
        BinaryPrimitives.WriteUInt64LittleEndian(pages[PageLayout.NumberOffset..], run.Start);
        BinaryPrimitives.WriteUInt64LittleEndian(pages[PageLayout.BirthOffset..], transactionId);
        BinaryPrimitives.WriteUInt32LittleEndian(pages[PageLayout.LengthOffset..], length);
        list.CopyTo(pages[PageLayout.HeaderSize..]);
        var crc = PageChecksum.ComputeRun(pages, _pageSize);
        BinaryPrimitives.WriteUInt32LittleEndian(pages, crc);
        return new OverflowReference(run.Start, transactionId, crc, length);
    }

    private void WriteList(in CommitList list)
    {
        if (list.Run.Page != 0)
        {
            var pages = PageLayout.OverflowPages(list.Run.Length, _pageSize);
            _file.Write(list.Run.Page, _listRun.AsSpan(0, (int)pages * _pageSize));
        }
    }
}
