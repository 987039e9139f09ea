namespace Engine.Pages;

/// <summary>
/// Fills an empty buffer with a known number of children, in key order. The first separator is always stored empty.
/// </summary>
internal unsafe ref struct BranchBuilder
{
    private readonly Page _page;
    private readonly int _count;
    private readonly int _pageSize;
    private readonly int _countSize;
    private int _index;
    private int _top;

    /// <param name="page">A buffer of a whole page; its former content is discarded.</param>
    /// <param name="level">Level of the branch, at least 1.</param>
    /// <param name="pageSize">Page size in bytes.</param>
    /// <param name="count">How many children will be added; the caller knows that they fit.</param>
    /// <param name="isCounted">Whether each child's entry count is kept.</param>
    public BranchBuilder(Page page, int level, int pageSize, int count, bool isCounted)
    {
        page.Initialize(PageKind.Branch, level, pageSize);
        page.Count = count;
        page.IsCounted = isCounted;
        _countSize = page.CountSize;
        _page = page;
        _count = count;
        _pageSize = pageSize;
        _top = pageSize;
    }

    /// <summary>
    /// Copies children <paramref name="from"/> … <paramref name="to"/> − 1 of another branch with their separators.
    /// </summary>
    public void Add(BranchPage source, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            Add(source.Separator(i), source.Child(i), source.ChildCrc(i), source.IsCounted ? source.EntryCount(i) : 0);
        }
    }

    /// <summary>Adds a child.</summary>
    /// <param name="separator">Its separator.</param>
    /// <param name="child">Its reference.</param>
    /// <param name="crc">Its CRC.</param>
    /// <param name="entries">How many entries are below it, if that is kept.</param>
    public void Add(ReadOnlySpan<byte> separator, ulong child, uint crc, ulong entries)
    {
        if (_index == 0)
        {
            separator = default;
        }

        _top -= PageLayout.BranchCellHeader + separator.Length;

        // Bounded: the slots end where the cells may begin; a caller that announced too little or adds too much is
        // stopped here.
        if (_index == _count || _top < PageLayout.HeaderSize + ((PageLayout.BranchSlotSize + _countSize) * _count))
        {
            throw new InvalidOperationException("The children do not fit the branch.");
        }

        var p = _page.Address;
        var children = p + PageLayout.HeaderSize + (PageLayout.HeadSize * _count);
        *(ulong*)(children + (PageLayout.ChildSize * _index)) = child;
        *(uint*)(children + (PageLayout.ChildSize * _index) + 8) = crc;
        ((ushort*)(children + (PageLayout.ChildSize * _count)))[_index] = (ushort)_top;
        if (_countSize != 0)
        {
            var counts = new EntryCounts(
                children + ((PageLayout.ChildSize + PageLayout.OffsetSize) * _count), _countSize);
            counts[_index] = entries;
        }

        *(ushort*)(p + _top) = (ushort)separator.Length;
        separator.CopyTo(new Span<byte>(p + _top + PageLayout.BranchCellHeader, separator.Length));
        _index++;
    }

    /// <summary>Takes the heads. Every announced child must have been added.</summary>
    public readonly void Finish()
    {
        if (_index != _count)
        {
            throw new InvalidOperationException("A branch was built with another number of children than announced.");
        }

        _page.HeapBytes = _pageSize - _top;
        BranchEditor.RebuildHeads(_page);
    }
}
