namespace Engine.Pages;

/// <summary>
/// Which pages were verified since the database was opened. The writing process keeps a bit per page: only it writes, and it vouches for
/// what it wrote. A reading process keeps the CRC last verified, because the writer may reuse the page. Thread-safe: a lost mark only costs
/// another verification, so arrays may be replaced while others still mark the old one.
/// </summary>
internal sealed class VerifiedPages(bool rememberCrcs)
{
    private ulong[] _bits = [];
    private uint[] _crcs = [];

    /// <summary>A bit per page; empty when CRCs are remembered. Long enough for every page count passed to <see cref="Ensure"/> before.</summary>
    public ulong[] Bits => Volatile.Read(ref _bits);

    /// <summary>The CRC last verified per page, 0 for none; empty when bits are kept.</summary>
    public uint[] Crcs => Volatile.Read(ref _crcs);

    public bool RemembersCrcs => rememberCrcs;

    /// <summary>Makes room for a page count. Called by the thread that publishes it, under its lock.</summary>
    public void Ensure(ulong pageCount)
    {
        if (rememberCrcs)
        {
            if ((ulong)_crcs.Length < pageCount)
            {
                var larger = new uint[checked((int)Grown(pageCount))];
                _crcs.CopyTo(larger, 0);
                Volatile.Write(ref _crcs, larger);
            }
        }
        else if ((ulong)_bits.Length * 64 < pageCount)
        {
            var larger = new ulong[checked((int)((Grown(pageCount) + 63) / 64))];
            _bits.CopyTo(larger, 0);
            Volatile.Write(ref _bits, larger);
        }
    }

    /// <summary>
    /// Marks a page that this process wrote itself: one with a header. (The pages behind the first one of an overflow run hold what the user gave; a
    /// malformed file could have them taken for verified tree pages.) Only where bits are kept; called by the writer alone.
    /// </summary>
    public void MarkWritten(ulong page) => Mark(page, 0);

    /// <summary>Forgets pages that are about to be written. Only where bits are kept; called by the writer alone.</summary>
    public void Forget(ulong start, ulong length)
    {
        var bits = Bits;
        for (var page = start; page < start + length; page++)
        {
            Interlocked.And(ref bits[page >> 6], ~(1UL << (int)(page & 63)));
        }
    }

    /// <summary>Marks a page whose verification passed.</summary>
    public void Mark(ulong page, uint crc)
    {
        if (rememberCrcs)
        {
            Volatile.Write(ref Crcs[page], crc);
        }
        else
        {
            Interlocked.Or(ref Bits[page >> 6], 1UL << (int)(page & 63));
        }
    }

    // Half as much again, so that growing a file page by page copies amortised O(1) per page.
    private static ulong Grown(ulong pageCount) => pageCount + (pageCount / 2) + 1024;
}
