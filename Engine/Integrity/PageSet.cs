using System.Numerics;

namespace Engine.Integrity;

/// <summary>
/// A set of page numbers: a bitmap cut into nodes of 4,096 pages under a tree of 64-way nodes, in which a subtree that
/// is all in or all out takes no memory. It never takes more than about an eighth of a byte per page, a range of any
/// length is changed in logarithmic time, and an enormous file with little in it costs little: what a hostile file
/// claims has no effect, only what is really found in it.
/// </summary>
internal sealed class PageSet
{
    /// <summary>Says that there is no such page.</summary>
    public const ulong None = ulong.MaxValue;

    private const int Bits = 6;
    private const int Fanout = 1 << Bits;

    /// <summary>
    /// Level 0 is a word of 64 pages, level 1 a node of 64 words, level n a node of 64 nodes of level n − 1.
    /// </summary>
    private readonly int _height;
    private readonly Node _root;
    private readonly ulong _limit;

    /// <param name="limit">All page numbers are below this.</param>
    public PageSet(ulong limit)
    {
        // 2^60 pages of the smallest size are more bytes than a file can have.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1UL << 60);
        _limit = limit;
        _height = 1;
        while (_height < 9 && (limit - 1) >> (Bits * (_height + 1)) != 0)
            _height++;
        _root = new Node(_height, isFull: false);
    }

    /// <summary>Adds pages; returns the first that was in the set before, or <see cref="None"/>.</summary>
    public ulong Add(ulong first, ulong pages) => Assign(first, pages, value: true);

    /// <summary>Removes pages; returns the first that was not in the set, or <see cref="None"/>.</summary>
    public ulong Remove(ulong first, ulong pages) => Assign(first, pages, value: false);

    public bool Contains(ulong page) => page < _limit && Next(_root, _height, 0, page, page + 1, value: true) == page;

    /// <summary>
    /// The first page from <paramref name="from"/> on, and below <paramref name="end"/>, that is (or is not) in the
    /// set; <paramref name="end"/> if there is none. The work grows with the distance, at a small fraction of a step
    /// per page.
    /// </summary>
    public ulong Next(ulong from, ulong end, bool value)
    {
        if (from >= end)
            return end;
        return Math.Min(Next(_root, _height, 0, from, end, value), end);
    }

    private ulong Assign(ulong first, ulong pages, bool value)
    {
        if (pages == 0)
            return None;
        var last = first + (pages - 1);
        if (last < first || last >= _limit)
            throw new ArgumentOutOfRangeException(nameof(pages));
        var before = None;
        Assign(_root, _height, 0, first, last, value, ref before);
        return before;
    }

    /// <summary>
    /// Sets first … last, which touch the node's range. Invariant: a child that is neither full nor mixed holds no
    /// page, and a mixed child has a node (of level 2 and above; the words of a level 1 node say all themselves).
    /// </summary>
    private static void Assign(Node node, int level, ulong start, ulong first, ulong last, bool value, ref ulong before)
    {
        var shift = Bits * level;
        var end = start + ((1UL << (shift + Bits)) - 1);
        var from = Math.Max(first, start);
        var to = Math.Min(last, end);
        for (var i = (int)((from - start) >> shift); i <= (int)((to - start) >> shift); i++)
        {
            var childStart = start + ((ulong)i << shift);
            var childEnd = childStart + ((1UL << shift) - 1);
            if (level == 1)
                AssignWord(
                    ref node.Words![i],
                    childStart,
                    Math.Max(from, childStart),
                    Math.Min(to, childEnd),
                    value,
                    ref before);
            else if (from <= childStart && to >= childEnd)
                AssignChild(node, level, i, childStart, value, ref before);
            else if (node.StateOf(i, out var full) is { } child)
                Assign(child, level - 1, childStart, from, to, value, ref before);
            else if (full == value)
                before = Math.Min(before, Math.Max(from, childStart));
            else
                Assign(node.Split(i, level), level - 1, childStart, from, to, value, ref before);
        }
    }

    private static void AssignWord(ref ulong word, ulong start, ulong from, ulong to, bool value, ref ulong before)
    {
        var mask = (ulong.MaxValue << (int)(from - start)) & (ulong.MaxValue >> (int)(Fanout - 1 - (to - start)));
        var same = (value ? word : ~word) & mask;
        if (same != 0)
            before = Math.Min(before, start + (ulong)BitOperations.TrailingZeroCount(same));
        word = value ? word | mask : word & ~mask;
    }

    private static void AssignChild(Node node, int level, int index, ulong start, bool value, ref ulong before)
    {
        if (node.StateOf(index, out var full) is { } child)
            before = Math.Min(before, Next(child, level - 1, start, start, None, value));
        else if (full == value)
            before = Math.Min(before, start);
        node.Fill(index, value);
    }

    private static ulong Next(Node node, int level, ulong start, ulong from, ulong end, bool value)
    {
        var shift = Bits * level;
        for (var i = (int)((Math.Max(from, start) - start) >> shift); i < Fanout; i++)
        {
            var childStart = start + ((ulong)i << shift);
            if (childStart >= end)
                break;
            var childFrom = Math.Max(from, childStart);
            if (level == 1)
            {
                var word =
                    (value ? node.Words![i] : ~node.Words![i]) & (ulong.MaxValue << (int)(childFrom - childStart));
                if (word != 0)
                    return childStart + (ulong)BitOperations.TrailingZeroCount(word);
            }
            else if (node.StateOf(i, out var full) is { } child)
            {
                var found = Next(child, level - 1, childStart, childFrom, end, value);
                if (found != None)
                    return found;
            }
            else if (full == value)
            {
                return childFrom;
            }
        }

        return None;
    }

    private sealed class Node
    {
        public readonly ulong[]? Words;
        private readonly Node?[]? _children;
        private ulong _full;

        public Node(int level, bool isFull)
        {
            if (level == 1)
            {
                Words = new ulong[Fanout];
                if (isFull)
                    Array.Fill(Words, ulong.MaxValue);
            }
            else
            {
                _children = new Node?[Fanout];
                _full = isFull ? ulong.MaxValue : 0;
            }
        }

        /// <summary>The node of a mixed child; null for one that is uniform, and then whether it is full.</summary>
        public Node? StateOf(int index, out bool isFull)
        {
            isFull = (_full >> index & 1) != 0;
            return _children![index];
        }

        public Node Split(int index, int level)
        {
            var child = new Node(level - 1, (_full >> index & 1) != 0);
            _children![index] = child;
            return child;
        }

        public void Fill(int index, bool value)
        {
            _children![index] = null;
            _full = value ? _full | 1UL << index : _full & ~(1UL << index);
        }
    }
}
