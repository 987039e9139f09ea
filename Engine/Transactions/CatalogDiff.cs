using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>
/// The trees that two states do not have in common, found by comparing their catalogs: trees that are the same cost
/// nothing. A tree is known by its id, which no other ever has, whatever its name is.
/// </summary>
/// <param name="Older">The tree in the older state; null if that has not got it.</param>
/// <param name="Newer">The tree in the newer state; null if that has not got it.</param>
internal readonly record struct CatalogDiff(CatalogTree? Older, CatalogTree? Newer)
{
    /// <summary>The name: that of the newer state, if it has the tree.</summary>
    public string Name => (Newer ?? Older)!.Name;

    /// <summary>Whether the entries are others: where they are the same, the tree has the same root.</summary>
    public bool HasOtherEntries => (Older?.Record.Root ?? 0) != (Newer?.Record.Root ?? 0);

    /// <summary>Compares two states.</summary>
    /// <returns>The trees in the order of their names, dropped ones before others of the same name.</returns>
    /// <exception cref="DatabaseCorruptException">A catalog or a record is damaged.</exception>
    /// <exception cref="DatabaseFormatException">A tree that differs needs a newer engine.</exception>
    public static List<CatalogDiff> Read(ReaderContext older, ReaderContext newer)
    {
        var olderTrees = new Dictionary<ulong, CatalogTree>();
        var newerTrees = new Dictionary<ulong, CatalogTree>();
        var diff = new TreeDiff(older.Source, older.RequireCatalog(), newer.Source, newer.RequireCatalog());
        while (diff.MoveNext(default))
        {
            // What the database itself has there, under the empty name, is no tree.
            if (!diff.Key.IsEmpty)
            {
                Add(olderTrees, diff.IsInOlder, diff.Key, diff.OlderValue, older.Source);
                Add(newerTrees, diff.IsInNewer, diff.Key, diff.NewerValue, newer.Source);
            }
        }

        var result = new List<CatalogDiff>(olderTrees.Count + newerTrees.Count + 1);
        foreach (var (id, tree) in olderTrees)
        {
            result.Add(new(tree, newerTrees.GetValueOrDefault(id)));
        }

        result.AddRange(newerTrees
            .Where(tree => !olderTrees.ContainsKey(tree.Key))
            .Select(static tree => new CatalogDiff(null, tree.Value)));
        result.RemoveAll(static tree => tree.IsSame);
        result.Sort(static (x, y) => Order(x, y));
        if (older.Main.Root != newer.Main.Root)
        {
            result.Insert(0, new(new(string.Empty, older.Main, []), new(string.Empty, newer.Main, [])));
        }

        return result;
    }

    /// <summary>
    /// Whether what differs is no more than what stands behind the record: codecs, or which indexes the tree has.
    /// </summary>
    public bool IsOnlyDescribedOtherwise =>
        Older is not null && Newer is not null && Older.Name == Newer.Name && !HasOtherEntries;

    // What may differ besides is of no interest: when it was changed last, say.
    private bool IsSame => IsOnlyDescribedOtherwise && Older!.Attributes.AsSpan().SequenceEqual(Newer!.Attributes);

    private static int Order(CatalogDiff x, CatalogDiff y)
    {
        var order = string.CompareOrdinal(x.Name, y.Name);
        return order != 0 ? order : (x.Newer is null ? 0 : 1) - (y.Newer is null ? 0 : 1);
    }

    private static void Add(
        Dictionary<ulong, CatalogTree> trees,
        bool exists,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> value,
        PageSource source)
    {
        if (!exists)
        {
            return;
        }

        var name = TreeName.FromKey(key, source.PageSize);
        CatalogSearch.Read(name, value, source, out var record, out var attributes);
        if (!trees.TryAdd(record.TreeId, new CatalogTree(name, record, attributes)))
        {
            throw new DatabaseCorruptException(
                $"The catalog has tree {record.TreeId} under two names, '{trees[record.TreeId].Name}' and '{name}'. "
                + "Run the integrity check and restore from a backup.");
        }
    }
}
