using Engine.Trees;

namespace Engine.Transactions;

/// <summary>A name that a write transaction has touched.</summary>
internal sealed class NamedTree(TreeName name)
{
    public TreeName Name { get; } = name;

    /// <summary>The tree under that name now; null if there is none.</summary>
    public TreeWriter? Writer { get; set; }

    /// <summary>Whether the name came, went or changed its tree in this transaction: then its record is written whatever its tree did.</summary>
    public bool IsRebound { get; set; }

    public bool IsChanged => IsRebound || Writer is { IsChanged: true };
}
