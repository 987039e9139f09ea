using Engine.Pages;

namespace Engine.Space;

/// <summary>
/// The space log in memory: the bytes of its head and the list of its pages. A transaction appends to it or rewrites
/// it; until it is accepted, what was before can be restored.
/// </summary>
internal sealed class SpaceLog
{
    private readonly int _pageSize;
    private readonly int _headLimit;
    private State _current;
    private State _accepted;

    /// <summary>The head buffer and the chain list that the accepted state does not use.</summary>
    private byte[] _spareHead = new byte[Meta.LogHeadCapacity];
    private List<LogPageReference> _spareChain = [];

    private byte[] _images = [];
    private LogPageImage[] _newPages = [];
    private int _newPageCount;

    /// <param name="pageSize">The page size.</param>
    /// <param name="headLimit">Bytes of the head that may be used.</param>
    /// <param name="meta">The meta whose log this is.</param>
    /// <param name="chain">Its pages, oldest first.</param>
    public SpaceLog(int pageSize, int headLimit, Meta meta, List<LogPageReference> chain)
    {
        _pageSize = pageSize;
        _headLimit = headLimit;
        _current = new State
        {
            Head = new byte[Meta.LogHeadCapacity],
            HeadLength = meta.LogHead.Length,
            Chain = chain,
            ChainCount = chain.Count,
            ChainBytes = chain.Sum(static page => (long)page.Bytes),
            NewestPage = meta.LogPage,
            NewestCrc = meta.LogPageCrc,
            HasNames = meta.HasNames,
        };
        meta.LogHead.CopyTo(_current.Head);
        _accepted = _current;
    }

    /// <summary>Bytes of entries that fit into a log page.</summary>
    public int PageCapacity => _pageSize - PageLayout.LogEntriesOffset;

    /// <summary>Bytes of entries in the pages and the head.</summary>
    public long Bytes => _current.ChainBytes + _current.HeadLength;

    public ReadOnlySpan<byte> Head => _current.Head.AsSpan(0, _current.HeadLength);

    /// <summary>The pages, oldest first.</summary>
    public IReadOnlyList<LogPageReference> Chain => _current.Chain;

    /// <summary>Bytes that still fit into the head.</summary>
    public int HeadRoom => Math.Max(0, _headLimit - _current.HeadLength);

    /// <summary>Starts appending to the head; end it with <see cref="EndAppend"/>.</summary>
    public LogPacker BeginAppend() => new([], _pageSize, 0, _current.Head, _current.HeadLength);

    /// <summary>Ends appending to the head.</summary>
    public void EndAppend(ref LogPacker packer)
    {
        _current.HeadLength = packer.Complete(0);
        _current.HasNames |= packer.HasNames;
    }

    /// <summary>Starts writing new pages and a new head; end it with <see cref="EndRewrite"/>.</summary>
    /// <param name="pages">How many pages there will be.</param>
    public LogPacker BeginRewrite(int pages)
    {
        var length = pages * _pageSize;
        if (_images.Length < length)
        {
            _images = new byte[length];
        }

        _images.AsSpan(0, length).Clear();
        return new LogPacker(_images, _pageSize, pages, _spareHead);
    }

    /// <summary>Completes new pages and head.</summary>
    /// <param name="packer">What wrote them.</param>
    /// <param name="numbers">The numbers of the pages, as extents.</param>
    /// <param name="transaction">The transaction that writes them.</param>
    /// <param name="keepChain">Whether the former pages stay in front of the new ones.</param>
    public void EndRewrite(ref LogPacker packer, List<Extent> numbers, ulong transaction, bool keepChain)
    {
        _current.HeadLength = packer.Complete(transaction);
        _current.HasNames = packer.HasNames || (keepChain && _current.HasNames);
        (_current.Head, _spareHead) = (_spareHead, _current.Head);
        if (!keepChain)
        {
            _spareChain.Clear();
            (_current.Chain, _spareChain) = (_spareChain, _current.Chain);
            _current.ChainBytes = 0;
            _current.NewestPage = 0;
            _current.NewestCrc = 0;
        }

        foreach (var extent in numbers)
        {
            for (var page = extent.Start; page < extent.End; page++)
            {
                AddPage(page, transaction);
            }
        }

        _current.ChainCount = _current.Chain.Count;
    }

    /// <summary>What the meta and the file need to know of the log.</summary>
    public SealedSpace Describe(ulong pageCount) => new()
    {
        PageCount = pageCount,
        LogPage = _current.NewestPage,
        LogPageCrc = _current.NewestCrc,
        LogPages = (uint)_current.ChainCount,
        LogHead = _current.Head.AsMemory(0, _current.HeadLength),
        HasNames = _current.HasNames,
        NewLogPages = _newPages.AsMemory(0, _newPageCount),
    };

    /// <summary>Forgets the images of the last commit.</summary>
    public void ClearNewPages() => _newPageCount = 0;

    /// <summary>Makes the changes since the last call permanent.</summary>
    public void Accept() => _accepted = _current;

    /// <summary>Undoes the changes since the last <see cref="Accept"/>.</summary>
    public void Restore()
    {
        if (_current.Head != _accepted.Head)
        {
            _spareHead = _current.Head;
        }

        if (_current.Chain != _accepted.Chain)
        {
            _spareChain = _current.Chain;
        }

        _current = _accepted;
        _current.Chain.RemoveRange(_current.ChainCount, _current.Chain.Count - _current.ChainCount);
    }

    private void AddPage(ulong page, ulong transaction)
    {
        var bytes = _images.AsMemory(_newPageCount * _pageSize, _pageSize);
        var crc = LogPage.Seal(bytes.Span, page, transaction, _current.NewestPage, _current.NewestCrc);
        var used = LogPage.Entries(bytes.Span).Length;
        if (_newPageCount == _newPages.Length)
        {
            Array.Resize(ref _newPages, (2 * _newPageCount) + 1);
        }

        _newPages[_newPageCount++] = new LogPageImage(page, bytes, crc);
        _current.Chain.Add(new LogPageReference(page, transaction, used));
        _current.ChainBytes += used;
        _current.NewestPage = page;
        _current.NewestCrc = crc;
    }

    private struct State
    {
        public byte[] Head;
        public int HeadLength;
        public List<LogPageReference> Chain;
        public int ChainCount;
        public long ChainBytes;
        public ulong NewestPage;
        public uint NewestCrc;

        /// <summary>Whether there are entries of named snapshots.</summary>
        public bool HasNames;
    }
}
