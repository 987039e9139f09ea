using System.Numerics;

namespace Engine.Space;

/// <summary>
/// A set of pages: a bitmap that is as long as its highest page needs, so that a file with a huge page count costs
/// nothing until high pages are free.
/// </summary>
internal sealed class PageSet
{
    private ulong[] _words;

    public PageSet()
    {
        _words = [];
    }

    private PageSet(ulong[] words, ulong count)
    {
        _words = words;
        Count = count;
    }

    /// <summary>How many pages are in the set.</summary>
    public ulong Count { get; private set; }

    /// <summary>The bits, 64 pages a word. Pages beyond the array are not in the set.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    /// <summary>The bits of pages 64·<paramref name="index"/> and following.</summary>
    public ulong GetWord(int index) => (uint)index < (uint)_words.Length ? _words[index] : 0;

    public PageSet Clone() => new((ulong[])_words.Clone(), Count);

    public bool Contains(ulong page)
    {
        var index = page >> 6;
        return index < (ulong)_words.Length && ((_words[index] >> (int)(page & 63)) & 1) != 0;
    }

    /// <summary>Whether every page of the extent is in the set.</summary>
    public bool ContainsAll(Extent extent)
    {
        if (extent.Length == 1)
        {
            return Contains(extent.Start);
        }

        if (extent.End > (ulong)_words.Length * 64)
        {
            return false;
        }

        for (var parts = new WordParts(extent); parts.MoveNext();)
        {
            if ((_words[parts.Word] & parts.Mask) != parts.Mask)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether some page of the extent is in the set.</summary>
    public bool ContainsAny(Extent extent)
    {
        if (extent.Length == 1)
        {
            return Contains(extent.Start);
        }

        var limit = (ulong)_words.Length * 64;
        if (extent.Start >= limit)
        {
            return false;
        }

        for (var parts = new WordParts(extent with { Length = Math.Min(extent.Length, limit - extent.Start) });
            parts.MoveNext();)
        {
            if ((_words[parts.Word] & parts.Mask) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds pages, none of which is in the set.</summary>
    public void Add(Extent extent)
    {
        EnsureCapacity(extent.End);
        for (var parts = new WordParts(extent); parts.MoveNext();)
        {
            ref var word = ref _words[parts.Word];
            if ((word & parts.Mask) != 0)
            {
                throw new InvalidOperationException($"A page of {extent} is in the set already.");
            }

            word |= parts.Mask;
        }

        Count += extent.Length;
    }

    /// <summary>Removes pages, all of which are in the set.</summary>
    public void Remove(Extent extent)
    {
        if (extent.End > (ulong)_words.Length * 64)
        {
            throw new InvalidOperationException($"A page of {extent} is not in the set.");
        }

        for (var parts = new WordParts(extent); parts.MoveNext();)
        {
            ref var word = ref _words[parts.Word];
            if ((word & parts.Mask) != parts.Mask)
            {
                throw new InvalidOperationException($"A page of {extent} is not in the set.");
            }

            word &= ~parts.Mask;
        }

        Count -= extent.Length;
    }

    /// <summary>
    /// The first run of pages of the set within <paramref name="within"/>; the run is cut at its end.
    /// </summary>
    public bool TryFindRun(Extent within, out Extent run)
    {
        var end = Math.Min(within.End, (ulong)_words.Length * 64);
        var page = Skip(within.Start, end, inSet: false);
        run = new Extent(page, page < end ? Skip(page, end, inSet: true) - page : 0);
        return run.Length > 0;
    }

    /// <summary>
    /// The first page from <paramref name="page"/> on, below <paramref name="end"/>, where membership differs from
    /// <paramref name="inSet"/>.
    /// </summary>
    private ulong Skip(ulong page, ulong end, bool inSet)
    {
        var flip = inSet ? ulong.MaxValue : 0;
        while (page < end)
        {
            var rest = (_words[page >> 6] ^ flip) >> (int)(page & 63);
            if (rest != 0)
            {
                return Math.Min(end, page + (ulong)BitOperations.TrailingZeroCount(rest));
            }

            page = (page | 63) + 1;
        }

        return end;
    }

    private void EnsureCapacity(ulong pages)
    {
        var words = (pages + 63) / 64;
        if (words > (ulong)_words.Length)
        {
            Array.Resize(ref _words, (int)Math.Max(words, (ulong)_words.Length * 3 / 2));
        }
    }
}
