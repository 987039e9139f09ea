using System.Numerics;

namespace Engine.Space;

/// <summary>
/// The reusable pages: a bitmap, and above groups of 512 pages a tree of run summaries that finds runs exactly. Changes
/// set bits and mark their groups; the tree is mended when it is next asked.
/// <para>
/// Words of 64 pages can be <em>reserved</em> (the branch zone): their pages are in the map, but searches for runs do
/// not see them.
/// </para>
/// </summary>
internal sealed partial class FreeMap
{
    /// <summary>Pages of a leaf of the run tree.</summary>
    public const int GroupPages = 512;

    /// <summary>
    /// Pages that the map can manage: 2^32, less one group, so that run lengths fit 32 bits. That is 16 TiB of 4 KiB
    /// pages, and more than the largest file of common file systems.
    /// </summary>
    public const ulong MaxPages = (1UL << 32) - GroupPages;

    private const int GroupWords = GroupPages / 64;

    private readonly PageSet _pages = new();
    private readonly RunTree _tree = new();

    /// <summary>Per group, one bit for each of its words that is reserved.</summary>
    private byte[] _reserved = new byte[1];

    private readonly ulong[] _visible = new ulong[GroupWords];
    private bool[] _isStale = new bool[1];
    private int[] _stale = new int[16];
    private int _staleCount;

    /// <summary>Pages in the map, reserved words included.</summary>
    public ulong Count => _pages.Count;

    /// <summary>Pages of the map that lie in reserved words.</summary>
    public ulong ReservedCount { get; private set; }

    /// <summary>Pages that searches see.</summary>
    public ulong VisibleCount => _pages.Count - ReservedCount;

    /// <summary>The number of maximal runs in the map, not counting borders of reserved words.</summary>
    public ulong RunCount { get; private set; }

    /// <summary>The longest run that searches see.</summary>
    public ulong LongestRun
    {
        get
        {
            Refresh();
            return _tree.Root.Longest;
        }
    }

    public bool Contains(ulong page) => _pages.Contains(page);

    public bool ContainsAll(Extent extent) => _pages.ContainsAll(extent);

    public bool ContainsAny(Extent extent) => _pages.ContainsAny(extent);

    /// <summary>The bits of a word, reserved or not.</summary>
    public ulong GetWord(int word) => _pages.GetWord(word);

    /// <summary>The number of words that hold bits.</summary>
    public int WordCount => _pages.Words.Length;

    /// <summary>A copy of the bitmap.</summary>
    public PageSet ToSet() => _pages.Clone();

    /// <summary>
    /// The first run within an extent, whether its words are reserved or not; cut at the end of the extent.
    /// </summary>
    public bool TryFindAny(Extent within, out Extent run) => _pages.TryFindRun(within, out run);

    /// <summary>Adds pages that are not in the map.</summary>
    public void Add(Extent extent)
    {
        _pages.Add(extent);
        RunCount += (ulong)(1 - CountNeighbours(extent));
        MarkChanged(extent, added: true);
    }

    /// <summary>Removes pages that are in the map.</summary>
    public void Remove(Extent extent)
    {
        _pages.Remove(extent);
        RunCount -= (ulong)(1 - CountNeighbours(extent));
        MarkChanged(extent, added: false);
    }

    /// <summary>Whether searches do not see this word.</summary>
    public bool IsReserved(int word)
    {
        var group = word / GroupWords;
        return group < _reserved.Length && (_reserved[group] & (1 << (word % GroupWords))) != 0;
    }

    /// <summary>Hides a word from searches.</summary>
    public void Reserve(int word)
    {
        if (!IsReserved(word))
        {
            if (word / GroupWords >= _reserved.Length)
            {
                GrowGroups((word / GroupWords) + 1);
            }

            _reserved[word / GroupWords] |= (byte)(1 << (word % GroupWords));
            ReservedCount += (ulong)BitOperations.PopCount(GetWord(word));
            MarkStale(word / GroupWords);
        }
    }

    /// <summary>Shows a word to searches again.</summary>
    public void Unreserve(int word)
    {
        if (IsReserved(word))
        {
            _reserved[word / GroupWords] &= (byte)~(1 << (word % GroupWords));
            ReservedCount -= (ulong)BitOperations.PopCount(GetWord(word));
            MarkStale(word / GroupWords);
        }
    }

    private long CountNeighbours(Extent extent) =>
        (extent.Start > 0 && _pages.Contains(extent.Start - 1) ? 1 : 0) + (_pages.Contains(extent.End) ? 1 : 0);

    private void MarkChanged(Extent extent, bool added)
    {
        var first = (int)(extent.Start / GroupPages);
        var last = (int)((extent.End - 1) / GroupPages);
        if (last >= _reserved.Length)
        {
            GrowGroups(last + 1);
        }

        for (var group = first; group <= last; group++)
        {
            MarkStale(group);
            if (_reserved[group] != 0)
            {
                CountReserved(extent, group, added);
            }
        }
    }

    private void CountReserved(Extent extent, int group, bool added)
    {
        var start = Math.Max(extent.Start, (ulong)group * GroupPages);
        var end = Math.Min(extent.End, ((ulong)group + 1) * GroupPages);
        for (var parts = new WordParts(new Extent(start, end - start)); parts.MoveNext();)
        {
            if (IsReserved(parts.Word))
            {
                var pages = (ulong)BitOperations.PopCount(parts.Mask);
                ReservedCount = added ? ReservedCount + pages : ReservedCount - pages;
            }
        }
    }

    private void GrowGroups(int groups)
    {
        var length = Math.Max(groups, _reserved.Length * 3 / 2);
        Array.Resize(ref _reserved, length);
        Array.Resize(ref _isStale, length);
        _tree.Grow(length);
    }

    private void MarkStale(int group)
    {
        if (!_isStale[group])
        {
            _isStale[group] = true;
            if (_staleCount == _stale.Length)
            {
                Array.Resize(ref _stale, _staleCount * 2);
            }

            _stale[_staleCount++] = group;
        }
    }

    /// <summary>Mends the tree after changes: afterwards its root and every node are exact.</summary>
    private void Refresh()
    {
        for (var i = 0; i < _staleCount; i++)
        {
            var group = _stale[i];
            _isStale[group] = false;
            _tree.Set(group, Summarize(group));
        }

        _staleCount = 0;
    }

    private RunSummary Summarize(int group)
    {
        uint longest = 0, run = 0, prefix = 0;
        var isPrefix = true;
        foreach (var bits in VisibleGroup(group))
        {
            if (bits == ulong.MaxValue)
            {
                run += 64;
                continue;
            }

            run += (uint)Bits.LowOnes(bits);
            if (isPrefix)
            {
                prefix = run;
                isPrefix = false;
            }

            longest = Math.Max(longest, run);
            if (bits == 0)
            {
                run = 0;
                continue;
            }

            if (BitOperations.PopCount(bits) > longest)
            {
                longest = Math.Max(longest, (uint)Bits.LongestRun(bits));
            }

            run = (uint)Bits.HighOnes(bits);
        }

        return new RunSummary(isPrefix ? run : prefix, run, Math.Max(longest, run));
    }

    /// <summary>The words of a group as searches see them, valid until the next call.</summary>
    private ReadOnlySpan<ulong> VisibleGroup(int group)
    {
        var words = _pages.Words;
        var first = group * GroupWords;
        if (_reserved[group] == 0 && first + GroupWords <= words.Length)
        {
            return words.Slice(first, GroupWords);
        }

        for (var i = 0; i < GroupWords; i++)
        {
            _visible[i] = Visible(first + i);
        }

        return _visible;
    }

    private ulong Visible(int word) => IsReserved(word) ? 0 : _pages.GetWord(word);
}
