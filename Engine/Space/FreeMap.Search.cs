using System.Numerics;

namespace Engine.Space;

/// <content>Searching and taking runs.</content>
internal sealed partial class FreeMap
{
    /// <summary>The leftmost run of at least <paramref name="length"/> visible pages.</summary>
    public bool TryFindRun(ulong length, out ulong start)
    {
        Refresh();
        start = 0;
        if (_tree.Root.Longest < length)
        {
            return false;
        }

        start = Descend(1, (uint)length);
        return true;
    }

    /// <summary>
    /// The first run of at least <paramref name="length"/> visible pages among the pages from <paramref name="from"/>
    /// on.
    /// </summary>
    public bool TryFindRun(ulong from, ulong length, out ulong start)
    {
        Refresh();
        return TryFindRunOnRight(from, length, out start);
    }

    /// <summary>Takes the leftmost run of exactly <paramref name="length"/> pages out of the map.</summary>
    public bool TryTakeRun(ulong length, out Extent run)
    {
        var found = TryFindRun(length, out var start);
        run = new Extent(start, length);
        if (found)
        {
            Remove(run);
        }

        return found;
    }

    /// <summary>
    /// Takes pages in few runs: the leftmost run that holds all, if there is one. Otherwise sweeps over the map, taking
    /// every run at least half as long as the longest, then halves the bar, so each sweep costs no more than what it
    /// takes.
    /// </summary>
    /// <param name="pages">How many.</param>
    /// <param name="into">Gets the runs.</param>
    /// <param name="shortest">Shorter runs are left, unless one holds all that is still to be taken.</param>
    /// <returns>How many pages could not be had.</returns>
    public ulong TakeBest(ulong pages, List<Extent> into, ulong shortest = 1)
    {
        while (pages > 0)
        {
            var longest = LongestRun;
            if (longest == 0)
            {
                return pages;
            }

            if (TryTakeRun(pages, out var whole))
            {
                into.Add(whole);
                return 0;
            }

            if (longest < shortest)
            {
                return pages;
            }

            pages -= Sweep(Math.Max((longest + 1) / 2, shortest), pages, into);
        }

        return 0;
    }

    /// <summary>
    /// The page behind the last of the run of visible pages that <paramref name="start"/> belongs to.
    /// </summary>
    public ulong FindRunEnd(ulong start)
    {
        Refresh();
        return RunEndOnRight(start);
    }

    /// <summary>How many pages just below <paramref name="end"/> are in the map, in one run.</summary>
    /// <param name="end">The page behind the run, the page count for one.</param>
    /// <param name="visibleOnly">Whether a reserved word ends the run.</param>
    public ulong CountRunBelow(ulong end, bool visibleOnly)
    {
        if (end == 0 || !Contains(end - 1))
        {
            return 0;
        }

        Refresh();
        var page = end;
        while (page > 0)
        {
            // Whole subtrees first; a subtree is full only if no word of it is reserved.
            var skipped = page % GroupPages == 0 ? FullSubtreeBelow(page) : 0;
            if (skipped > 0)
            {
                page -= skipped;
                continue;
            }

            var word = (int)((page - 1) / 64);
            var bits = visibleOnly ? Visible(word) : GetWord(word);
            var width = (int)(page - ((ulong)word * 64));
            var ones = Math.Min(width, Bits.HighOnes(bits << (64 - width)));
            page -= (ulong)ones;
            if (ones < width)
            {
                break;
            }
        }

        return end - page;
    }

    /// <summary>
    /// Takes every run of at least <paramref name="bar"/> pages from left to right, at most <paramref name="pages"/>
    /// pages in all.
    /// </summary>
    private ulong Sweep(ulong bar, ulong pages, List<Extent> into)
    {
        // Taking makes only groups at or left of the search position stale, and the search looks at nodes right of it.
        ulong taken = 0;
        ulong from = 0;
        while (pages - taken >= bar && TryFindRunOnRight(from, bar, out var start))
        {
            var end = RunEndOnRight(start);
            var run = new Extent(start, Math.Min(end - start, pages - taken));
            Remove(run);
            into.Add(run);
            taken += run.Length;
            from = end;
        }

        return taken;
    }

    private bool TryFindRunOnRight(ulong from, ulong length, out ulong start)
    {
        start = 0;
        var group = (int)(from / GroupPages);
        if (group >= _tree.LeafCount)
        {
            return false;
        }

        if (TryScan(from, length, out var run, out start))
        {
            return true;
        }

        ulong size = GroupPages;
        for (var node = _tree.LeafCount + group; node > 1; node >>= 1, size <<= 1)
        {
            if ((node & 1) != 0)
            {
                continue;
            }

            var right = _tree[node + 1];
            if (run + right.Prefix >= length)
            {
                start = FirstPage(node + 1, size) - run;
                return true;
            }

            if (right.Longest >= length)
            {
                start = Descend(node + 1, (uint)length);
                return true;
            }

            run = right.Prefix == size ? run + size : right.Suffix;
        }

        return false;
    }

    /// <summary>The leftmost run of <paramref name="length"/> pages within a node that has one.</summary>
    private ulong Descend(int node, uint length)
    {
        while (node < _tree.LeafCount)
        {
            var left = _tree[2 * node];
            var right = _tree[(2 * node) + 1];
            if (left.Longest >= length)
            {
                node = 2 * node;
            }
            else if (left.Suffix + right.Prefix >= length)
            {
                var size = SizeOf(2 * node);
                return FirstPage((2 * node) + 1, size) - left.Suffix;
            }
            else
            {
                node = (2 * node) + 1;
            }
        }

        return TryScan((ulong)(node - _tree.LeafCount) * GroupPages, length, out _, out var start)
            ? start
            : throw new InvalidOperationException("The run tree disagrees with its bitmap.");
    }

    /// <summary>
    /// Searches a group from page <paramref name="from"/> on; <paramref name="run"/> becomes the run that its last page
    /// ends.
    /// </summary>
    private bool TryScan(ulong from, ulong length, out ulong run, out ulong start)
    {
        run = 0;
        start = 0;
        var group = (int)(from / GroupPages);
        if (group >= _reserved.Length)
        {
            return false;
        }

        var words = VisibleGroup(group);
        var mask = ulong.MaxValue << (int)(from & 63);
        for (var i = (int)(from / 64) % GroupWords; i < words.Length; i++, mask = ulong.MaxValue)
        {
            var bits = words[i] & mask;
            if (bits == 0)
            {
                run = 0;
                continue;
            }

            var first = ((ulong)group * GroupPages) + ((ulong)i * 64);
            var low = (ulong)Bits.LowOnes(bits);
            if (run + low >= length)
            {
                start = first - run;
                return true;
            }

            if (bits == ulong.MaxValue)
            {
                run += 64;
                continue;
            }

            if (length <= (ulong)BitOperations.PopCount(bits))
            {
                var starts = Bits.RunStarts(bits, (int)length);
                if (starts != 0)
                {
                    start = first + (ulong)BitOperations.TrailingZeroCount(starts);
                    return true;
                }
            }

            run = (ulong)Bits.HighOnes(bits);
        }

        return false;
    }

    private ulong RunEndOnRight(ulong page)
    {
        var ones = Bits.LowOnes(Visible((int)(page / 64)) >> (int)(page & 63));
        if (ones < 64 - (int)(page & 63))
        {
            return page + (ulong)ones;
        }

        var group = (int)(page / GroupPages);
        for (var word = (int)(page / 64) + 1; word < (group + 1) * GroupWords; word++)
        {
            var bits = Visible(word);
            if (bits != ulong.MaxValue)
            {
                return ((ulong)word * 64) + (ulong)Bits.LowOnes(bits);
            }
        }

        var end = (ulong)(group + 1) * GroupPages;
        ulong size = GroupPages;
        for (var node = _tree.LeafCount + group; node > 1; node >>= 1, size <<= 1)
        {
            if ((node & 1) == 0)
            {
                var prefix = _tree[node + 1].Prefix;
                end += prefix;
                if (prefix != size)
                {
                    break;
                }
            }
        }

        return end;
    }

    /// <summary>
    /// The size of the largest full subtree that ends at a group border; 0 if the group below is not full.
    /// </summary>
    private ulong FullSubtreeBelow(ulong end)
    {
        var group = (int)(end / GroupPages) - 1;
        var node = _tree.LeafCount + group;
        ulong size = GroupPages;
        if (group >= _tree.LeafCount || _tree[node].Prefix != size)
        {
            return 0;
        }

        while ((node & 1) != 0 && node > 1 && _tree[node >> 1].Prefix == size * 2)
        {
            node >>= 1;
            size *= 2;
        }

        return size;
    }

    private ulong SizeOf(int node) => (ulong)GroupPages * (ulong)(_tree.LeafCount >> BitOperations.Log2((uint)node));

    private static ulong FirstPage(int node, ulong size) =>
        (ulong)(node - (1 << BitOperations.Log2((uint)node))) * size;
}
