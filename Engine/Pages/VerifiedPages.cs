using System.Numerics;

namespace Engine.Pages;

/// <summary>
/// Which pages were verified since the database was opened. The writing process keeps a bit per page: only it writes,
/// and it vouches for what it wrote. A reading process keeps the CRC last verified, because the writer may reuse the
/// page. Thread-safe: a lost mark only costs another verification, so arrays may be replaced while others still mark
/// the old one.
/// </summary>
internal sealed class VerifiedPages(bool rememberCrcs)
{
    /// <summary>
    /// CRCs are kept in pieces of so many pages, made when a page of theirs is first verified: a huge page count alone
    /// costs next to nothing.
    /// </summary>
    private const int PieceShift = 12;
    private const ulong PieceMask = (1UL << PieceShift) - 1;

    /// <summary>More pages than this no system can map.</summary>
    private const ulong MaxPages = 1UL << 36;

    private ulong[] _bits = [];
    private uint[]?[] _pieces = [];

    /// <summary>
    /// A bit per page; empty when CRCs are remembered. Long enough for every page count passed to <see cref="Ensure"/>
    /// before.
    /// </summary>
    public ulong[] Bits => Volatile.Read(ref _bits);

    public bool RemembersCrcs => rememberCrcs;

    /// <summary>Makes room for a page count. Called by the thread that publishes it, under its lock.</summary>
    /// <exception cref="DatabaseFormatException">The file has more pages than this version can read.</exception>
    public void Ensure(ulong pageCount)
    {
        if (pageCount > MaxPages)
        {
            throw new DatabaseFormatException($"The database has {pageCount} pages; this version can read {MaxPages}.");
        }

        if (rememberCrcs)
        {
            var pieces = (pageCount >> PieceShift) + 1;
            if ((ulong)_pieces.Length < pieces)
            {
                var larger = new uint[]?[(int)(pieces + (pieces / 2))];
                _pieces.CopyTo(larger, 0);
                Volatile.Write(ref _pieces, larger);
            }
        }
        else if ((ulong)_bits.Length * 64 < pageCount)
        {
            var larger = new ulong[checked((int)((Grown(pageCount) + 63) / 64))];
            _bits.CopyTo(larger, 0);
            Volatile.Write(ref _bits, larger);
        }
    }

    /// <summary>Whether this is the CRC last verified for a page. Only where CRCs are remembered.</summary>
    public bool HasCrc(ulong page, uint crc)
    {
        var pieces = Volatile.Read(ref _pieces);
        var piece = page >> PieceShift;
        return piece < (ulong)pieces.Length && Volatile.Read(ref pieces[piece]) is { } crcs
            && crc != 0 && Volatile.Read(ref crcs[page & PieceMask]) == crc;
    }

    /// <summary>
    /// Marks a page that this process wrote itself: one with a header. (The pages behind the first one of an overflow
    /// run hold what the user gave; a malformed file could have them taken for verified tree pages.) Only where bits
    /// are kept; called by the writer alone.
    /// </summary>
    public void MarkWritten(ulong page) => Mark(page, 0);

    /// <summary>
    /// Forgets pages that are about to be written. Only where bits are kept; called by the writer alone.
    /// </summary>
    public void Forget(ulong start, ulong length)
    {
        var bits = Bits;
        for (var page = start; page < start + length; page++)
        {
            Interlocked.And(ref bits[page >> 6], ~(1UL << (int)(page & 63)));
        }
    }

    /// <summary>Whether one of some pages counts as verified. Only where bits are kept.</summary>
    public bool HasAny(ulong start, ulong length)
    {
        var bits = Bits;
        for (var page = start; page < start + length; page++)
        {
            if ((Volatile.Read(ref bits[page >> 6]) & (1UL << (int)(page & 63))) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many pages count as verified. Looks at all of them.</summary>
    public long Count()
    {
        long count = 0;
        foreach (var bits in Bits)
        {
            count += BitOperations.PopCount(bits);
        }

        foreach (var crcs in Volatile.Read(ref _pieces))
        {
            if (crcs is not null)
            {
                count += crcs.Length - crcs.AsSpan().Count(0u);
            }
        }

        return count;
    }

    /// <summary>Marks a page whose verification passed.</summary>
    public void Mark(ulong page, uint crc)
    {
        if (rememberCrcs)
        {
            ref var piece = ref Volatile.Read(ref _pieces)[page >> PieceShift];
            var crcs = Volatile.Read(ref piece)
                ?? Interlocked.CompareExchange(ref piece, new uint[1 << PieceShift], null) ?? piece;
            Volatile.Write(ref crcs[page & PieceMask], crc);
        }
        else
        {
            Interlocked.Or(ref Bits[page >> 6], 1UL << (int)(page & 63));
        }
    }

    // Half as much again, so that growing a file page by page copies amortised O(1) per page.
    private static ulong Grown(ulong pageCount) => pageCount + (pageCount / 2) + 1024;
}
