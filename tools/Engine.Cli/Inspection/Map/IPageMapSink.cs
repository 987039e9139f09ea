namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Takes the pages of a file as they are found: first what is reserved and free, then the space log, then tree after
/// tree.
/// </summary>
internal interface IPageMapSink
{
    void Reserved(ulong first, ulong pages);

    void Free(FreeExtent extent, bool isWaiting);

    void Log(ulong page, byte[] bytes);

    /// <summary>The nodes that follow are of this tree.</summary>
    void BeginTree(TreeInfo tree);

    void Node(NodeVisit node);

    /// <summary>A run of the leaf that came last.</summary>
    void Overflow(OverflowReference run, ulong pages);

    void Damaged(Damage damage);
}
