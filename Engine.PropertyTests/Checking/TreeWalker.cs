using System.Runtime.CompilerServices;

namespace Engine.PropertyTests.Checking;

/// <summary>
/// Walks the trees of one meta from their roots and requires of every page what docs/format.md sections 4 to 8 say.
/// Every page is taken at most once, so that a walk ends whatever the image holds.
/// </summary>
internal ref struct TreeWalker
{
    private readonly ReadOnlySpan<byte> _image;
    private readonly int _pageSize;
    private readonly ulong _metaId;
    private readonly long _firstPage;
    private readonly long _pageCount;
    private readonly PageSet _reachable;
    private readonly PageSet? _bornHere;
    private readonly Dictionary<long, ulong>? _births;
    private ulong _entries;
    private ulong _leaves;
    private ulong _branches;
    private ulong _overflow;
    private bool _isCounted;
    private PairImage? _pairs;
    private ContentHasher _hasher;
    private List<KeyValuePair<byte[], byte[]>>? _collected;

    /// <param name="image">The whole file.</param>
    /// <param name="meta">The meta that the trees belong to.</param>
    /// <param name="reachable">Gets every page found.</param>
    /// <param name="bornHere">Gets the pages whose birth is the meta's id.</param>
    /// <param name="births">Gets the births of all pages.</param>
    public TreeWalker(
        ReadOnlySpan<byte> image,
        MetaImage meta,
        PageSet reachable,
        PageSet? bornHere,
        Dictionary<long, ulong>? births = null)
    {
        _births = births;
        _image = image;
        _pageSize = meta.PageSize;
        _metaId = meta.Id;
        _firstPage = meta.FirstPage;
        _pageCount = (long)meta.PageCount;
        _reachable = reachable;
        _bornHere = bornHere;
    }

    /// <summary>The digest of the entries walked so far.</summary>
    public readonly ulong Digest => _hasher.Value;

    /// <summary>Announces a tree to the digest.</summary>
    public void BeginTree(ReadOnlySpan<byte> name, int kind, ReadOnlySpan<byte> attributes) =>
        _hasher.BeginTree(name, kind, attributes);

    /// <summary>Walks one tree; its entries go into the digest and into <paramref name="collect"/>.</summary>
    /// <param name="tree">What to call it.</param>
    /// <param name="record">Its record.</param>
    /// <param name="collect">Gets the entries, if somebody wants them.</param>
    /// <param name="keySize">The length of the keys of a multi-valued tree; 0 if they have different ones.</param>
    public void Walk(
        string tree, TreeRecordImage record, List<KeyValuePair<byte[], byte[]>>? collect, int keySize = 0)
    {
        // Only named trees may be counted or multi-valued.
        if (record.Flags > 3 || (record.Flags != 0 && record.Id < 2))
        {
            throw new ImageException($"tree {tree} has the flags {record.Flags}");
        }

        if (record.ChangedIn > _metaId)
        {
            throw new ImageException(
                $"tree {tree} was changed by transaction {record.ChangedIn}, after meta {_metaId}");
        }

        (_entries, _leaves, _branches, _overflow) = (0, 0, 0, 0);
        _collected = collect;
        _isCounted = (record.Flags & 1) != 0;
        _pairs = (record.Flags & 2) != 0 ? new PairImage(keySize) : null;
        if (record.Root != 0)
        {
            WalkPage(
                (long)record.Root, record.Crc, record.Depth - 1, record.ChangedIn, default, default, hasUpper: false);
        }

        if ((_entries, _leaves, _branches, _overflow)
            != (record.Entries, record.LeafPages, record.BranchPages, record.OverflowPages))
        {
            throw new ImageException(
                $"tree {tree} has {_entries} entries, {_leaves} leaf, {_branches} branch and {_overflow} overflow "
                + $"pages; its record says {record.Entries}, {record.LeafPages}, {record.BranchPages} and "
                + $"{record.OverflowPages}");
        }
    }

    // Every key below the page is >= lower and, if there is an upper bound, < upper.
    private void WalkPage(
        long number,
        uint crc,
        int level,
        ulong notBornAfter,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        bool hasUpper)
    {
        if (number < _firstPage || number >= _pageCount)
        {
            throw new ImageException($"a reference to page {number} points outside the {_pageCount} pages");
        }

        var page = _image.Slice((int)(number * _pageSize), _pageSize);
        var birth = ImageLayout.U64(page, 16);
        Take(number, 1, birth);
        Require(ImageChecksums.PageCrc(page) == crc, number, "does not have the CRC that the reference to it holds");
        Require(ImageLayout.U32(page, 0) == crc, number, "holds another CRC than the reference to it");
        Require(page[4] == (level == 0 ? 1 : 2), number, $"has the kind {page[4]} at level {level}");
        Require(page[5] == level, number, $"has the level {page[5]} instead of {level}");
        Require(ImageLayout.U64(page, 8) == (ulong)number, number, $"says that it is page {ImageLayout.U64(page, 8)}");
        Require(
            birth > 0 && birth <= notBornAfter,
            number,
            $"was born in {birth}, after what refers to it ({notBornAfter})");
        Require(
            ImageLayout.U16(page, 30) == (_isCounted && level > 0 ? 2 : 0),
            number,
            $"has the flags {ImageLayout.U16(page, 30)}");
        if (level == 0)
        {
            WalkLeaf(number, page, birth, lower, upper, hasUpper);
        }
        else
        {
            WalkBranch(number, page, birth, level, lower, upper, hasUpper);
        }
    }

    private void WalkBranch(
        long number,
        ReadOnlySpan<byte> page,
        ulong birth,
        int level,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        bool hasUpper)
    {
        _branches++;
        var count = ImageLayout.U16(page, 24);

        // Of a leaf two bytes, of a branch above leaves four, of all others eight.
        var countSize = Math.Min(8, 1 << level);
        var separators = new SlottedPage(
            page, number, count, slotSize: 18, isLeaf: false, countSize: _isCounted ? countSize : 0);
        separators.Check();
        for (var i = 0; i < count; i++)
        {
            var childLower = i == 0 ? lower : separators.Key(i);
            var hasChildUpper = i + 1 < count || hasUpper;
            var childUpper = i + 1 < count ? separators.Key(i + 1) : upper;
            var reference = 32 + 4 * count + 12 * i;
            var child = ImageLayout.U64(page, reference);
            Require(child <= long.MaxValue, number, $"refers to page {child}");
            var before = _entries;
            WalkPage(
                (long)child,
                ImageLayout.U32(page, reference + 8),
                level - 1,
                birth,
                childLower,
                childUpper,
                hasChildUpper);
            if (_isCounted)
            {
                var at = 32 + 18 * count + countSize * i;
                var counted = countSize == 2 ? ImageLayout.U16(page, at)
                    : countSize == 4 ? ImageLayout.U32(page, at)
                    : ImageLayout.U64(page, at);
                Require(
                    _entries - before == counted,
                    number,
                    $"counts {counted} entries below child {i}, which has {_entries - before}");
            }
        }
    }

    private void WalkLeaf(
        long number,
        ReadOnlySpan<byte> page,
        ulong birth,
        ReadOnlySpan<byte> lower,
        ReadOnlySpan<byte> upper,
        bool hasUpper)
    {
        _leaves++;
        var count = ImageLayout.U16(page, 24);
        var cells = new SlottedPage(page, number, count, slotSize: 6, isLeaf: true);
        cells.Check();
        Require(cells.Key(0).SequenceCompareTo(lower) >= 0, number, "has a key below its separator");
        Require(
            !hasUpper || cells.Key(count - 1).SequenceCompareTo(upper) < 0,
            number,
            "has a key not below the next separator");
        _entries += count;
        for (var i = 0; i < count; i++)
        {
            var key = cells.Key(i);
            var value = cells.IsOverflow(i) ? Overflow(cells.Value(i), number, birth) : cells.Value(i);
            if (_pairs is { } pairs)
            {
                Require(!cells.IsOverflow(i) && pairs.IsPair(key, value), number, $"has an entry {i} that is no pair");
            }

            _hasher.Add(key, value);
            _collected?.Add(new(key.ToArray(), value.ToArray()));
        }
    }

    private ReadOnlySpan<byte> Overflow(ReadOnlySpan<byte> reference, long leaf, ulong notBornAfter)
    {
        ulong first = ImageLayout.U64(reference, 0), birth = ImageLayout.U64(reference, 8);
        uint crc = ImageLayout.U32(reference, 16), length = ImageLayout.U32(reference, 20);
        var pages = ImageLayout.RunPages(length, _pageSize);
        Require(length <= int.MaxValue, leaf, $"refers to a value of {length} bytes");
        Require(
            first >= (ulong)_firstPage && first <= (ulong)_pageCount && pages <= _pageCount - (long)first,
            leaf,
            $"refers to a value of {pages} pages at page {first}, outside the file");
        Require(birth > 0 && birth <= notBornAfter, leaf, $"refers to a value born in {birth}, after it");
        var number = (long)first;
        Take(number, pages, birth);
        var run = _image.Slice((int)(number * _pageSize), (int)(pages * _pageSize));
        Require(
            ImageChecksums.PageCrc(run) == crc && ImageLayout.U32(run, 0) == crc,
            number,
            "begins a value whose CRC is not that of the reference");
        Require(run[4] == 3 && run[5] == 0 && ImageLayout.U16(run, 6) == 0, number, "is not the head of a value");
        Require(
            ImageLayout.U64(run, 8) == first && ImageLayout.U64(run, 16) == birth,
            number,
            "has another number or birth than the reference to it");
        Require(
            ImageLayout.U32(run, 24) == length && ImageLayout.U32(run, 28) == 0,
            number,
            "has another value length than the reference to it");
        Require(ImageLayout.IsZero(run[(32 + (int)length)..]), number, "has bytes behind its value");
        _overflow += (ulong)pages;
        return run.Slice(32, (int)length);
    }

    private readonly void Take(long first, long pages, ulong birth)
    {
        for (var page = first; page < first + pages; page++)
        {
            Require(_reachable.Add(page), page, "is reached twice");
            _births?.Add(page, birth);
            if (birth == _metaId)
            {
                _bornHere?.Add(page);
            }
        }
    }

    private static void Require(bool condition, long page, string problem)
    {
        if (!condition)
        {
            throw new ImageException($"page {page} {problem}");
        }
    }

    private static void Require(
        bool condition, long page, [InterpolatedStringHandlerArgument(nameof(condition))] ref Problem problem)
    {
        if (!condition)
        {
            problem.Throw((ulong)page);
        }
    }
}
