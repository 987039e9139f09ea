using System.Numerics;
using System.Runtime.CompilerServices;
using Engine.Storage;

namespace Engine.Pages;

/// <summary>
/// Where the pages of one snapshot (and of one write transaction on top of it) are found: the map, and the dirty list.
/// Verifies what is touched first. Used by one transaction at a time; reused for the next.
/// </summary>
internal sealed unsafe class PageSource
{
    /// <summary>References with this bit set are indexes into the dirty list.</summary>
    public const ulong DirtyBit = 1UL << 63;

    /// <summary>A page at most so many pages behind the last ones that were asked for continues a scan.</summary>
    private const ulong MaxGap = 4;

    private readonly int _pageSize;
    private readonly int _shift;
    private byte* _map;
    private ulong _pageLimit;

    /// <summary>
    /// The pages that lie together from the start of the map on: all of them, but for those that a fork has written.
    /// </summary>
    private ulong _firstLimit;
    private MapRegion[] _regions = [];

    /// <summary>
    /// The same limit where bits tell what is verified, 0 where CRCs do: one comparison sends both to the right path.
    /// </summary>
    private ulong _fastLimit;
    private ulong[] _bits = [];
    private ulong _maxBirth;
    private VerifiedPages? _verified;
    private DirtyList? _dirty;

    // What brings pages into memory before their first touch: null where they are there, or nobody shall ask.
    private MapLoader? _loader;

    // The pages that were asked for last, and how many of them ahead.
    private ulong _loadedFrom;
    private ulong _loadedTo;
    private ulong _loadedAhead;

    public PageSource(int pageSize)
    {
        _pageSize = pageSize;
        _shift = BitOperations.Log2((uint)pageSize);
    }

    public int PageSize => _pageSize;

    /// <summary>Pages of the snapshot that are mapped.</summary>
    public ulong PageLimit => _pageLimit;

    /// <summary>Whether both give pages of one file, as one open database sees it.</summary>
    public bool IsOfSameFile(PageSource other) => ReferenceEquals(_verified, other._verified);

    /// <summary>Points at a snapshot.</summary>
    /// <param name="map">A map that stays mapped until <see cref="Detach"/>, or until nobody looks any more.</param>
    /// <param name="pageCount">
    /// Page count of the snapshot; pages at or above it, or outside the map, are corruption.
    /// </param>
    /// <param name="snapshotId">No page of the snapshot is younger.</param>
    /// <param name="verified">What is verified already; has room for the page count.</param>
    /// <param name="dirty">The dirty list of a write transaction.</param>
    public void Attach(MapGeneration map, ulong pageCount, ulong snapshotId, VerifiedPages verified, DirtyList? dirty)
    {
        _map = map.Address;
        _loader = map.Loader;
        (_loadedFrom, _loadedTo, _loadedAhead) = (0, 0, 0);
        _pageLimit = Math.Min(pageCount, (ulong)map.Length >> _shift);
        _verified = verified;
        _bits = verified.Bits;
        _firstLimit = Math.Min(_pageLimit, (ulong)map.FirstLength >> _shift);
        _regions = map.Regions;
        _fastLimit = verified.RemembersCrcs ? 0 : Math.Min(_firstLimit, (ulong)_bits.Length * 64);
        _maxBirth = snapshotId;
        _dirty = dirty;
    }

    /// <summary>After this every page is out of bounds.</summary>
    public void Detach()
    {
        _map = null;
        _loader = null;
        _regions = [];
        _pageLimit = 0;
        _firstLimit = 0;
        _fastLimit = 0;
        _dirty = null;
    }

    /// <summary>The leaf or branch behind a reference.</summary>
    /// <exception cref="DatabaseCorruptException">The page is out of bounds or fails its first touch.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Page Get(ulong reference, uint crc, int level)
    {
        // Bounded: _fastLimit is at most the pages of the map and the bits of the array.
        if (reference < _fastLimit)
        {
            var page = new Page(_map + (reference << _shift));
            page.Prefetch();
            if (((_bits[reference >> 6] >> (int)reference) & 1) != 0
                && page.KindAndLevel == Page.TreeKindAndLevel(level))
            {
                return page;
            }
        }

        return GetSlow(reference, crc, level);
    }

    /// <summary>Asks for the memory of a page that <see cref="Get"/> will be asked for soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong reference)
    {
        if (reference < _fastLimit)
        {
            new Page(_map + (reference << _shift)).Prefetch();
        }
    }

    /// <summary>
    /// Asks for the first and the last bytes of a value that <see cref="GetOverflow"/> will be asked for soon.
    /// </summary>
    public void PrefetchOverflow(OverflowReference reference)
    {
        if (reference.Page < _fastLimit)
        {
            Page.PrefetchEnds(_map + (reference.Page << _shift), PageLayout.HeaderSize + (long)reference.Length);
        }
    }

    /// <summary>
    /// The value behind an overflow reference; the span lives as long as the snapshot (dirty: as the transaction).
    /// </summary>
    /// <exception cref="DatabaseCorruptException">The run is out of bounds or fails its first touch.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> GetOverflow(OverflowReference reference)
    {
        // Bounded: _fastLimit is at most the pages of the map and the bits of the array; the sum, which cannot exceed
        // 64 bits, is where the value ends.
        if (reference.Page < _fastLimit && reference.Length <= int.MaxValue
            && (reference.Page << _shift) + PageLayout.HeaderSize + reference.Length <= _firstLimit << _shift)
        {
            var first = new Page(_map + (reference.Page << _shift));
            if (((_bits[reference.Page >> 6] >> (int)reference.Page) & 1) != 0
                && PageVerifier.AgreesWith(first, reference))
            {
                return first.OverflowValue(reference.Length);
            }
        }

        return GetOverflowSlow(reference);
    }

    /// <summary>The first page of an overflow run that is in the map, as all of its pages are.</summary>
    /// <exception cref="DatabaseCorruptException">The run is out of bounds or fails its first touch.</exception>
    public Page GetRun(OverflowReference reference)
    {
        // Bounded: the whole run is compared with the map before its first byte is touched.
        var pages = PageLayout.OverflowPages(reference.Length, _pageSize);
        if (reference.Page >= _pageLimit || pages > _pageLimit - reference.Page || reference.Length > int.MaxValue
            || reference.Page < PageLayout.FirstPage(_pageSize))
        {
            throw new DatabaseCorruptException(
                reference.Page,
                $"is named as an overflow run of {pages} pages, which lies outside the snapshot's {_pageLimit} pages");
        }

        var first = At(reference.Page, pages);
        if (IsVerified(reference.Page, reference.Crc))
        {
            PageVerifier.VerifyOverflowHeader(first, reference);
        }
        else
        {
            PageVerifier.VerifyOverflow(first, reference, SumRun(first, reference.Page, pages));
            _verified!.Mark(reference.Page, reference.Crc);
        }

        return first;
    }

    /// <summary>
    /// The CRC of an overflow run, whose pages are brought into memory as it goes: there may be more of them than
    /// memory.
    /// </summary>
    private uint SumRun(Page first, ulong number, ulong pages)
    {
        // Bounded: the whole run lies together, which At has compared.
        var crc = uint.MaxValue;
        for (ulong i = 0; i < pages; i++)
        {
            Load(number + i);
            crc = PageChecksum.AppendToRun(
                crc, new Page(first.Address + (i << _shift)).Bytes(_pageSize), isFirst: i == 0);
        }

        return ~crc;
    }

    /// <summary>
    /// Brings a page into memory that is touched for the first time. Pages that follow each other are asked for in
    /// growing numbers, so that a scan costs a call now and then; others one by one.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">It cannot be read.</exception>
    private void Load(ulong page)
    {
        if (_loader is null || page >= _firstLimit || (page >= _loadedFrom && page < _loadedTo))
        {
            return;
        }

        // Bounded: the page is below the limit, so the sum is at most the pages of the map. Behind the last one, or a
        // few pages further: branches lie between.
        var follows = page - _loadedTo < MaxGap;
        var ahead = follows ? Math.Min((_loadedAhead * 4) + MaxGap, (ulong)_loader.MaxAhead >> _shift) : 0;
        ahead = Math.Min(ahead, _firstLimit - page - 1);
        if (_loader.Load(_map, (long)(page << _shift), (long)(ahead + 1) << _shift) is not null)
        {
            // One of those ahead, perhaps.
            ahead = 0;
            if (_loader.Load(_map, (long)(page << _shift), _pageSize) is { } problem)
            {
                throw new DatabaseCorruptException(page, $"cannot be read ({problem})");
            }
        }

        (_loadedFrom, _loadedTo, _loadedAhead) = (page, page + ahead + 1, ahead);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<byte> GetOverflowSlow(OverflowReference reference)
    {
        var first = (reference.Page & DirtyBit) != 0 ? _dirty!.Get(reference.Page) : GetRun(reference);
        return first.OverflowValue(reference.Length);
    }

    private bool IsVerified(ulong page, uint crc) => _verified!.RemembersCrcs
        ? _verified.HasCrc(page, crc)
        : page < (ulong)_bits.Length * 64 && ((Volatile.Read(ref _bits[page >> 6]) >> (int)page) & 1) != 0;

    /// <summary>The first of some pages below the limit, which lie together.</summary>
    /// <exception cref="DatabaseCorruptException">They do not.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Page At(ulong page, ulong pages) =>

        // Bounded: compared here, without overflow.
        page < _firstLimit && pages <= _firstLimit - page
            ? new Page(_map + (page << _shift))
            : InRegion(page, pages);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Page InRegion(ulong page, ulong pages)
    {
        for (var i = _regions.Length - 1; i >= 0; i--)
        {
            var region = _regions[i];
            var (start, end) = ((ulong)region.Offset >> _shift, (ulong)region.End >> _shift);
            if (page >= start && page < end && pages <= end - page)
            {
                // Bounded: the pages lie within the region, compared just now; regions begin with a page.
                return new Page(region.Address + ((page - start) << _shift));
            }
        }

        throw new DatabaseCorruptException(
            page, $"is named by its parent, but does not lie in what the database has, with the {pages} from it on");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Page GetSlow(ulong reference, uint crc, int level)
    {
        if ((reference & DirtyBit) != 0 && _dirty is not null)
        {
            return _dirty.Get(reference);
        }

        if (reference >= _pageLimit || reference < PageLayout.FirstPage(_pageSize))
        {
            throw new DatabaseCorruptException(
                reference, $"is named by its parent but lies outside the snapshot's {_pageLimit} pages");
        }

        var page = At(reference, 1);
        if (!IsVerified(reference, crc))
        {
            Load(reference);
            PageVerifier.VerifyTreePage(page, reference, crc, level, _maxBirth, _pageSize);
            _verified!.Mark(reference, crc);
        }
        else if (page.KindAndLevel != Page.TreeKindAndLevel(level))
        {
            throw new DatabaseCorruptException(
                reference, $"has kind {(int)page.Kind} and level {page.Level} where the tree needs level {level}");
        }

        return page;
    }
}
