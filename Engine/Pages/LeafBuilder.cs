using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>
/// Fills an empty buffer with a known number of leaf cells, packed from the page's end, in key order.
/// </summary>
internal unsafe ref struct LeafBuilder
{
    private readonly Page _page;
    private readonly int _count;
    private readonly int _pageSize;
    private int _index;
    private int _top;

    /// <param name="page">A buffer of a whole page; its former content is discarded.</param>
    /// <param name="pageSize">Page size in bytes.</param>
    /// <param name="count">How many cells will be added; the caller knows that they fit.</param>
    public LeafBuilder(Page page, int pageSize, int count)
    {
        page.Initialize(PageKind.Leaf, 0, pageSize);
        page.Count = count;
        _page = page;
        _count = count;
        _pageSize = pageSize;
        _top = pageSize;
    }

    /// <summary>Offset of the cell that was added last.</summary>
    public readonly int Top => _top;

    /// <summary>Copies cells <paramref name="from"/> … <paramref name="to"/> − 1 of another page.</summary>
    public void Add(LeafPage source, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            Add(source.CellBytes(i));
        }
    }

    public void Add(ReadOnlySpan<byte> cell)
    {
        _top -= cell.Length;
        cell.CopyTo(Room(cell.Length));
    }

    /// <summary>Adds a cell and returns its value bytes, to be filled.</summary>
    public Span<byte> Add(ReadOnlySpan<byte> key, int valueField, int valueBytes)
    {
        var size = PageLayout.LeafCellHeader + key.Length + valueBytes;
        _top -= size;
        var cell = Room(size);
        Unsafe.WriteUnaligned(ref cell[0], (ushort)key.Length);
        Unsafe.WriteUnaligned(ref cell[2], (ushort)valueField);
        key.CopyTo(cell[PageLayout.LeafCellHeader..]);
        return cell[(PageLayout.LeafCellHeader + key.Length)..];
    }

    /// <summary>Takes the heads. Every announced cell must have been added.</summary>
    public readonly void Finish()
    {
        if (_index != _count)
        {
            throw new InvalidOperationException("A leaf was built with another number of cells than announced.");
        }

        _page.HeapBytes = _pageSize - _top;
        LeafEditor.RebuildHeads(_page);
    }

    private Span<byte> Room(int size)
    {
        // Bounded: the slots end where the cells may begin; a caller that announced too little or adds too much is
        // stopped here.
        if (_index == _count || _top < PageLayout.HeaderSize + (PageLayout.LeafSlotSize * _count))
        {
            throw new InvalidOperationException("The cells do not fit the leaf.");
        }

        ((ushort*)(_page.Address + PageLayout.HeaderSize + (PageLayout.HeadSize * _count)))[_index++] = (ushort)_top;
        return new Span<byte>(_page.Address + _top, size);
    }
}
