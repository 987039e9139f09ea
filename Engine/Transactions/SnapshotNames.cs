using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// The named snapshots of a state: a tree of its own, which only the engine writes. It means something only in a state
/// whose meta says so: a copy of a state, which does not have the pages of others, has the tree and not their pages.
/// </summary>
internal static class SnapshotNames
{
    public const string Tree = "engine:snapshots";

    /// <summary>Finds a named snapshot.</summary>
    /// <param name="source">The pages of a state.</param>
    /// <param name="state">The state.</param>
    /// <param name="name">The name.</param>
    /// <param name="named">What is kept under it.</param>
    /// <returns>Whether the state has the name.</returns>
    /// <exception cref="DatabaseCorruptException">
    /// A page is damaged, or the entry was not written by an engine.
    /// </exception>
    public static bool TryFind(PageSource source, PublishedState state, SnapshotName name, out NamedState named)
    {
        named = default;
        return TryFindTree(source, state, out var tree) && TryFind(source, tree, name.Key, out named);
    }

    /// <summary>Finds a name in the tree of names.</summary>
    public static bool TryFind(PageSource source, in TreeRecord tree, ReadOnlySpan<byte> key, out NamedState named)
    {
        var index = TreeSearch.Find(source, tree.Root, tree.RootCrc, tree.Depth, key, out var leaf);
        if (index < 0)
        {
            named = default;
            return false;
        }

        named = Read(source, TreeSearch.Value(source, leaf, index));
        return true;
    }

    /// <summary>All named snapshots of a state, ascending by name.</summary>
    public static List<(string Name, byte[] Key, NamedState State)> List(PageSource source, PublishedState state)
    {
        var names = new List<(string, byte[], NamedState)>();
        if (!TryFindTree(source, state, out var tree))
        {
            return names;
        }

        var cursor = new TreeCursor(source, tree);
        for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
        {
            names.Add((
                TreeName.Decode(cursor.Key, $"Tree '{Tree}'"), cursor.Key.ToArray(), Read(source, cursor.Value)));
        }

        return names;
    }

    /// <summary>Those that are of the state itself.</summary>
    public static UnfinishedName[] ListUnfinished(PageSource source, PublishedState state) =>
    [
        .. List(source, state)
            .Where(static name => name.State.IsOwn)
            .Select(static name => new UnfinishedName(name.Key, name.State.Mark, name.State.Id)),
    ];

    private static bool TryFindTree(PageSource source, PublishedState state, out TreeRecord tree)
    {
        tree = default;
        return state.HasNames
            && CatalogSearch.TryFind(new TreeName(Tree, isOfEngine: true), source, state.Catalog, out tree, out _);
    }

    private static NamedState Read(PageSource source, ReadOnlySpan<byte> value) =>
        NamedState.TryRead(value, source, out var named) ? named : throw new DatabaseCorruptException(
            $"Tree '{Tree}' has an entry of {value.Length} bytes that is no named snapshot. Run the integrity check "
            + "and restore from a backup.");
}
