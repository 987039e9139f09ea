namespace Engine.Cli.Inspection;

/// <summary>
/// Is shown what a <see cref="TreeScan"/> comes across: depth first, in key order, a branch before what is below it.
/// </summary>
internal interface ITreeVisitor
{
    /// <summary>
    /// A node whose CRC is the one that its reference holds. The object and its bytes are used again after the call.
    /// </summary>
    void Node(NodeVisit node);

    /// <summary>A value in a run of its own, of the leaf that was shown last.</summary>
    void Overflow(NodeVisit leaf, int entry, OverflowReference reference, ulong pages);

    /// <summary>Something that could not be walked; what lies below it is not shown.</summary>
    void Damaged(Damage damage);
}
