using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>
/// Is shown what a <see cref="TreeScan"/> comes across: depth first, in key order, a branch before what is below it.
/// </summary>
internal interface ITreeVisitor
{
    /// <summary>A node whose CRC is the one that its reference holds.</summary>
    /// <param name="node">The node. The object and its bytes are used again after the call.</param>
    /// <param name="bounds">The keys that belong below it.</param>
    void Node(NodeVisit node, scoped in NodeBounds bounds);

    /// <summary>A value in a run of its own, of the leaf that was shown last.</summary>
    void Overflow(NodeVisit leaf, int entry, OverflowReference reference, ulong pages);

    /// <summary>Something that could not be walked; what lies below it is not shown.</summary>
    void Damaged(Damage damage);
}
