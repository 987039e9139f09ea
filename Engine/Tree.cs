using Engine.Transactions;

namespace Engine;

/// <summary>
/// The name of a tree of one database. A handle is named once and kept: it does no I/O, the tree need not exist, and each snapshot resolves it
/// without a look into the catalog after the first. Immutable and thread-safe.
/// </summary>
public sealed class Tree
{
    internal Tree(Database database, TreeName name)
    {
        Database = database;
        Id = name;
    }

    /// <summary>The tree's name; empty for the default tree.</summary>
    public string Name => Id.Text;

    internal Database Database { get; }

    internal TreeName Id { get; }

    /// <inheritdoc/>
    public override string ToString() => Id.Index == 0 ? "(default tree)" : Name;
}
