namespace Engine;

/// <summary>
/// The name of a multi-valued tree of one database: keys with any number of values each, both in the order of their
/// bytes. <c>read[tree]</c>, <c>tx[tree]</c> and <c>snapshot[tree]</c> read and write it. Made by
/// <see cref="Database.GetMultiTree(string)"/> and <see cref="WriteTransaction.CreateMultiTree"/>. Like
/// <see cref="Tree"/> it is no more than a name: it does no I/O, and does not follow a tree that is renamed. Equal to
/// every handle of the same name of the same database. Immutable and thread-safe.
/// </summary>
public sealed class MultiTree : IEquatable<MultiTree>
{
    internal MultiTree(Tree pairs)
    {
        Pairs = pairs;
    }

    /// <summary>The tree's name.</summary>
    public string Name => Pairs.Name;

    /// <summary>
    /// The same tree as it is stored, for what does not depend on its kind: to drop or rename it, or to look at its
    /// statistics. Read so, it has an entry for each pair, whose key is the pair as docs/format.md says; nothing can be
    /// put into it so.
    /// </summary>
    public Tree Untyped => Pairs.Database.GetTree(Name);

    /// <summary>The tree as one that pairs are put into.</summary>
    internal Tree Pairs { get; }

    /// <summary>Whether two handles are of one name and one database.</summary>
    public static bool operator ==(MultiTree? left, MultiTree? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether two handles are of different names or databases.</summary>
    public static bool operator !=(MultiTree? left, MultiTree? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(MultiTree? other) => other is not null && Pairs.Equals(other.Pairs);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MultiTree);

    /// <inheritdoc/>
    public override int GetHashCode() => Pairs.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
