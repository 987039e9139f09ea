using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>Looking trees up in the catalog, the tree of names.</summary>
internal static class CatalogSearch
{
    /// <summary>Finds a tree's record.</summary>
    /// <returns>Whether the catalog has the name.</returns>
    /// <exception cref="DatabaseCorruptException">The catalog or the record is damaged.</exception>
    /// <exception cref="DatabaseFormatException">The tree needs a newer engine.</exception>
    public static bool TryFind(TreeName name, PageSource source, in TreeRecord catalog, out TreeRecord record)
    {
        var index = TreeSearch.Find(source, catalog.Root, catalog.RootCrc, catalog.Depth, name.Bytes, out var leaf);
        if (index < 0)
        {
            record = default;
            return false;
        }

        record = ReadRecord(name.Text, TreeSearch.Value(source, leaf, index), source);
        return true;
    }

    private static TreeRecord ReadRecord(string name, ReadOnlySpan<byte> value, PageSource source)
    {
        if (value.Length != PageLayout.TreeRecordSize)
        {
            throw new DatabaseCorruptException(
                $"The catalog's record of tree '{name}' has {value.Length} bytes "
                + $"instead of {PageLayout.TreeRecordSize}.");
        }

        var record = TreeRecord.Read(value);
        if (record.Flags != TreeFlags.None)
        {
            throw new DatabaseFormatException(
                $"Tree '{name}' has flags 0x{(int)record.Flags:x} ({record.Flags}) that this engine does not support. "
                + "Open the database with a newer engine; other trees are not affected.");
        }

        if (!record.IsPlausible(PageLayout.FirstPage(source.PageSize), source.PageLimit))
        {
            throw new DatabaseCorruptException(
                $"The catalog's record of tree '{name}' is impossible (depth {record.Depth}, root {record.Root}).");
        }

        return record;
    }
}
