using Engine.Pages;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// A tree that two states do not have in common. A tree stays the same one when it is renamed; one that was dropped and
/// another one that was created under its name are two. Immutable and thread-safe.
/// </summary>
public sealed class ChangedTree
{
    private readonly CatalogDiff _diff;

    internal ChangedTree(Database database, CatalogDiff diff)
    {
        _diff = diff;
        Older = HandleOf(database, diff.Older);
        Newer = HandleOf(database, diff.Newer);
    }

    /// <summary>What became of it.</summary>
    public ChangedTreeKind Kind =>
        Older is null ? ChangedTreeKind.Created
        : Newer is null ? ChangedTreeKind.Dropped
        : Older.Name != Newer.Name ? ChangedTreeKind.Renamed
        : ChangedTreeKind.Changed;

    /// <summary>Its name in the older state; null if that has not got it.</summary>
    public Tree? Older { get; }

    /// <summary>Its name in the newer state; null if that has not got it.</summary>
    public Tree? Newer { get; }

    /// <summary>
    /// Its name: that in the newer state, or, if it was dropped, that in the older one. Empty for the default tree.
    /// </summary>
    public string Name => _diff.Name;

    /// <summary>
    /// Whether its entries differ, or were written anew. It may be false of empty trees, of those that were only
    /// renamed, and of those that only got another <see cref="Definition"/>.
    /// </summary>
    public bool HasOtherEntries => _diff.HasOtherEntries;

    /// <summary>Whether it is a multi-valued tree: <see cref="Database.GetMultiTree(string)"/>.</summary>
    public bool IsMultiValued => ((_diff.Newer ?? _diff.Older)!.Record.Flags & TreeFlags.Multimap) != 0;

    /// <summary>
    /// Whether its entries expire (<see cref="Database.GetExpiringTree(string)"/>): their values begin with eight bytes
    /// for the time. That an entry has expired is no change; that it was cleaned away is one.
    /// </summary>
    public bool IsExpiring => TreeExpiry.FormOf((_diff.Newer ?? _diff.Older)!.Attributes) == TreeForm.Expiring;

    /// <summary>
    /// What it is besides its entries, in the newer state, or, if it was dropped, in the older one.
    /// </summary>
    public TreeDefinition Definition
    {
        get
        {
            var tree = (_diff.Newer ?? _diff.Older)!;
            return new TreeDefinition(tree.Record.Flags, tree.Attributes);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Kind == ChangedTreeKind.Renamed
        ? $"{Kind} {Older} -> {Newer}"
        : $"{Kind} {Newer ?? Older}";

    private static Tree? HandleOf(Database database, CatalogTree? tree) =>
        tree is null ? null : tree.Name.Length == 0 ? database.Main : database.GetTree(tree.Name);
}
