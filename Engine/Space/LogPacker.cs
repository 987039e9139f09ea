using Engine.Pages;

namespace Engine.Space;

/// <summary>
/// Writes entries into a given number of log pages, filling one after the other, and the rest into the log head. Each
/// of them begins with a group entry, and no entry is split.
/// </summary>
internal struct LogPacker : ILogSink
{
    private readonly byte[] _images;
    private readonly int _pageSize;
    private readonly int _pages;
    private readonly byte[] _head;
    private int _page;
    private int _position;
    private ulong _transaction;
    private bool _isGroupDue;

    /// <summary>Whether an entry of a named snapshot was written.</summary>
    public bool HasNames { get; private set; }

    /// <param name="images">Zeroed page images, one behind the other.</param>
    /// <param name="pageSize">The page size.</param>
    /// <param name="pages">How many images there are; all will hold at least a group entry.</param>
    /// <param name="head">The log head.</param>
    /// <param name="headLength">Bytes of the head that are in use; not 0 only when there are no pages.</param>
    public LogPacker(byte[] images, int pageSize, int pages, byte[] head, int headLength = 0)
    {
        _images = images;
        _pageSize = pageSize;
        _pages = pages;
        _head = head;
        _position = headLength;
    }

    public void Group(ulong transaction)
    {
        _isGroupDue |= transaction != _transaction;
        _transaction = transaction;
    }

    public void Free(Extent pages, ulong birth)
    {
        var difference = _transaction - birth;
        var target = Reserve(LogEncoding.FreeLength(pages, difference));
        LogEncoding.WriteFree(target, pages, difference);
    }

    public void Allocate(Extent pages)
    {
        var target = Reserve(LogEncoding.AllocateLength(pages));
        LogEncoding.WriteAllocate(target, pages);
    }

    public void Name(LogTag tag, ulong id)
    {
        LogEncoding.WriteName(Reserve(LogEncoding.NameLength(id)), tag, id);
        HasNames = true;
    }

    /// <summary>Ends the pages and returns the bytes used in the head.</summary>
    /// <param name="transaction">
    /// For pages that nothing was left for: the transaction of the only group in them.
    /// </param>
    public int Complete(ulong transaction)
    {
        while (_page < _pages)
        {
            if (_position == 0)
            {
                _position = LogEncoding.WriteGroup(Body, transaction);
            }

            EndPage();
        }

        return _position;
    }

    private readonly Span<byte> Body => _page < _pages
        ? _images.AsSpan((_page * _pageSize) + PageLayout.LogEntriesOffset, _pageSize - PageLayout.LogEntriesOffset)
        : _head;

    private Span<byte> Reserve(int length)
    {
        var needed = length + (_isGroupDue || _position == 0 ? LogEncoding.GroupLength(_transaction) : 0);
        if (_position + needed > Body.Length)
        {
            if (_page == _pages)
            {
                throw new InvalidOperationException(
                    "The space log does not fit into the pages that were taken for it.");
            }

            EndPage();
        }

        if (_isGroupDue || _position == 0)
        {
            _position += LogEncoding.WriteGroup(Body[_position..], _transaction);
            _isGroupDue = false;
        }

        var target = Body.Slice(_position, length);
        _position += length;
        return target;
    }

    private void EndPage()
    {
        LogPage.SetUsed(_images.AsSpan(_page * _pageSize, _pageSize), _position);
        _page++;
        _position = 0;
    }
}
