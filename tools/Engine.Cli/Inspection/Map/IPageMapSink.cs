namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Takes the pages of a file as they are found: first what is reserved and free, then the space log and the run list,
/// then tree after tree.
/// </summary>
internal interface IPageMapSink
{
    void Reserved(ulong first, ulong pages);

    void Free(FreeExtent extent, bool isWaiting);

    void Log(ulong page, byte[] bytes);

    /// <summary>The pages of a run list, which count as the space log.</summary>
    void ListRun(OverflowReference run, ulong pages);

    /// <summary>The nodes that follow are of this tree.</summary>
    void BeginTree(TreeInfo tree);

    /// <param name="node">The node. The object and its bytes are used again after the call.</param>
    /// <param name="lower">The keys below it are not below this; empty at the left edge of the tree.</param>
    void Node(NodeVisit node, ReadOnlySpan<byte> lower);

    /// <summary>A run of the leaf that came last.</summary>
    void Overflow(OverflowReference run, ulong pages);

    void Damaged(Damage damage);
}
