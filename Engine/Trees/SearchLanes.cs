using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>
/// One of several lookups that go on at the same time: the page that it looks at next, and in the end where the key is.
/// </summary>
internal struct SearchLane
{
    public ulong Reference;
    public uint Crc;

    /// <summary>Index of the key in the leaf; -1 if it is absent.</summary>
    public int Index;
    public LeafPage Leaf;
}

/// <summary>
/// So many lookups at the same time keep the memory busy; more would push each other out of the nearest cache.
/// </summary>
[InlineArray(Count)]
internal struct SearchLanes
{
    public const int Count = 16;

    private SearchLane _first;
}
