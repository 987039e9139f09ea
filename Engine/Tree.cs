using Engine.Transactions;

namespace Engine;

/// <summary>
/// The name of a tree of one database, nothing more: it does no I/O, the tree need not exist, and it does not follow a
/// tree that is renamed. Equal to every handle of the same name of the same database. Keep handles that are used often:
/// each remembers where its tree was found last, so the next snapshot with the same tree need not look into the
/// catalog. What nobody keeps is forgotten. Immutable and thread-safe.
/// </summary>
public sealed class Tree : IEquatable<Tree>
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

    /// <summary>Whether two handles are of one name and one database.</summary>
    public static bool operator ==(Tree? left, Tree? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two handles are of different names or databases.</summary>
    public static bool operator !=(Tree? left, Tree? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(Tree? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ReferenceEquals(Database, other.Database) && Name == other.Name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Tree);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Id.IsDefault ? "(default tree)" : Name;
}
