namespace Engine.Cli.Inspection;

/// <summary>A node of a tree on the way of a <see cref="TreeScan"/>.</summary>
internal sealed class NodeVisit(TreeInfo tree)
{
    public TreeInfo Tree => tree;

    public ulong Page { get; set; }

    /// <summary>The whole page.</summary>
    public byte[] Bytes { get; set; } = [];

    public PageHeader Header { get; set; }

    /// <summary>0 for a leaf.</summary>
    public int Level { get; set; }

    /// <summary>Set by a visitor that has seen enough of this branch: what is below it is left out.</summary>
    public bool SkipChildren { get; set; }

    /// <summary>Set by a visitor that has seen enough of the tree.</summary>
    public bool Stop { get; set; }
}
