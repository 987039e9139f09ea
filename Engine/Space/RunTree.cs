namespace Engine.Space;

/// <summary>
/// A segment tree over groups of pages. Each node knows the free prefix, suffix and longest run of its pages, so that
/// the leftmost run of a given length is found on one path. Stored as a heap: node 1 is the root, the children of
/// <c>i</c> are <c>2i</c> and <c>2i + 1</c>, the leaves lie at <c>LeafCount + group</c>.
/// </summary>
internal sealed class RunTree
{
    private RunSummary[] _nodes = new RunSummary[2];

    /// <summary>How many groups there is room for: a power of two.</summary>
    public int LeafCount { get; private set; } = 1;

    public RunSummary Root => _nodes[1];

    public RunSummary this[int node] => _nodes[node];

    /// <summary>Sets a group's summary and mends the path above it, as far as it changes.</summary>
    public void Set(int group, RunSummary summary)
    {
        var node = LeafCount + group;
        if (_nodes[node] == summary)
        {
            return;
        }

        _nodes[node] = summary;
        ulong size = FreeMap.GroupPages;
        for (node >>= 1; node >= 1; node >>= 1, size <<= 1)
        {
            var joined = RunSummary.Join(_nodes[2 * node], _nodes[(2 * node) + 1], size);
            if (_nodes[node] == joined)
            {
                return;
            }

            _nodes[node] = joined;
        }
    }

    /// <summary>Makes room for so many groups. The cost is paid for by the doubling.</summary>
    public void Grow(int groups)
    {
        if (groups <= LeafCount)
        {
            return;
        }

        var leaves = LeafCount;
        while (leaves < groups)
        {
            leaves *= 2;
        }

        var nodes = new RunSummary[2 * leaves];
        Array.Copy(_nodes, LeafCount, nodes, leaves, LeafCount);
        ulong size = FreeMap.GroupPages;
        for (var level = leaves / 2; level >= 1; level /= 2, size <<= 1)
        {
            for (var node = level; node < 2 * level; node++)
            {
                nodes[node] = RunSummary.Join(nodes[2 * node], nodes[(2 * node) + 1], size);
            }
        }

        _nodes = nodes;
        LeafCount = leaves;
    }
}
