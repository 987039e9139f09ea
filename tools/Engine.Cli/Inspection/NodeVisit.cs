namespace Engine.Cli.Inspection;

/// <summary>A node of a tree on the way of a <see cref="TreeScan"/>.</summary>
internal sealed class NodeVisit(TreeInfo tree, TreeScan scan)
{
    public TreeInfo Tree => tree;

    public ulong Page { get; set; }

    /// <summary>The whole page.</summary>
    public byte[] Bytes { get; set; } = [];

    public PageHeader Header { get; set; }

    /// <summary>0 for a leaf.</summary>
    public int Level { get; set; }

    /// <summary>The branch above; null for a root.</summary>
    public ulong? Parent { get; set; }

    /// <summary>Which child of its parent it is.</summary>
    public int Index { get; set; }

    /// <summary>Children of its parent.</summary>
    public int Siblings { get; set; }

    /// <summary>The keys of the node are not below this; empty at the left edge of the tree.</summary>
    public ReadOnlySpan<byte> Lower => scan.Lower;

    /// <summary>The keys of the node are below this, unless it is at the right edge of the tree.</summary>
    public ReadOnlySpan<byte> Upper => scan.Upper;

    public bool HasLower => scan.HasLower;

    public bool HasUpper => scan.HasUpper;

    /// <summary>Set by a visitor that has seen enough of this branch: what is below it is left out.</summary>
    public bool SkipChildren { get; set; }

    /// <summary>Set by a visitor that has seen enough of the tree.</summary>
    public bool Stop { get; set; }
}
