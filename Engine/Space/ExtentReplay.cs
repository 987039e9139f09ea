using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>
/// Frees and allocations applied to extents instead of single pages: O(log n) for each of n entries, however many pages
/// it names. Slower than a bitmap for the logs that writers make; it keeps a hostile log from costing more than its
/// bytes. The borders of all extents are given first.
/// </summary>
internal sealed class ExtentReplay
{
    /// <summary>
    /// What a node of the tree knows of its pages: all in use, all free, or some of each (then its children know).
    /// </summary>
    private const byte Used = 0;
    private const byte Free = 1;
    private const byte Mixed = 2;

    private readonly ulong[] _borders;
    private readonly byte[] _nodes;
    private readonly int _leaves;

    /// <param name="borders">First pages and ends of all extents, in any order.</param>
    public ExtentReplay(List<ulong> borders)
    {
        borders.Sort();
        var distinct = 0;
        var all = CollectionsMarshal.AsSpan(borders);
        for (var i = 0; i < all.Length; i++)
        {
            if (distinct == 0 || all[distinct - 1] != all[i])
            {
                all[distinct++] = all[i];
            }
        }

        _borders = all[..distinct].ToArray();
        _leaves = Math.Max(1, distinct - 1);
        _nodes = new byte[4 * _leaves];
    }

    /// <summary>Makes every page of an extent free, or used.</summary>
    /// <returns>False, with nothing to rely on any more, if a page of it was so before.</returns>
    public bool TrySet(Extent pages, bool isFree)
    {
        var from = Array.BinarySearch(_borders, pages.Start);
        var to = Array.BinarySearch(_borders, pages.End);
        return TrySet(1, 0, _leaves, from, to, isFree ? Free : Used);
    }

    /// <summary>The free extents, ascending, joined where they touch.</summary>
    public List<Extent> ListFree()
    {
        var extents = new List<Extent>();
        Collect(1, 0, _leaves, extents);
        return extents;
    }

    private bool TrySet(int node, int low, int high, int from, int to, byte state)
    {
        if (to <= low || high <= from)
        {
            return true;
        }

        if (from <= low && high <= to)
        {
            var isOther = _nodes[node] == (state == Free ? Used : Free);
            _nodes[node] = state;
            return isOther;
        }

        if (_nodes[node] != Mixed)
        {
            if (_nodes[node] == state)
            {
                return false;
            }

            _nodes[2 * node] = _nodes[(2 * node) + 1] = _nodes[node];
        }

        var middle = (low + high) >> 1;
        var isPossible = TrySet(2 * node, low, middle, from, to, state)
            && TrySet((2 * node) + 1, middle, high, from, to, state);
        _nodes[node] = _nodes[2 * node] == _nodes[(2 * node) + 1] ? _nodes[2 * node] : Mixed;
        return isPossible;
    }

    private void Collect(int node, int low, int high, List<Extent> extents)
    {
        if (_nodes[node] == Mixed)
        {
            var middle = (low + high) >> 1;
            Collect(2 * node, low, middle, extents);
            Collect((2 * node) + 1, middle, high, extents);
        }
        else if (_nodes[node] == Free)
        {
            var extent = new Extent(_borders[low], _borders[high] - _borders[low]);
            if (extents.Count > 0 && extents[^1].End == extent.Start)
            {
                extents[^1] = extents[^1] with { Length = extents[^1].Length + extent.Length };
            }
            else
            {
                extents.Add(extent);
            }
        }
    }
}
