using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>Looking trees up in the catalog, the tree of names.</summary>
internal static class CatalogSearch
{
    /// <summary>Finds a tree's record.</summary>
    /// <param name="name">The tree's name.</param>
    /// <param name="source">The pages.</param>
    /// <param name="catalog">The catalog.</param>
    /// <param name="record">The record.</param>
    /// <param name="attributes">What stands behind it, to be kept; nothing behind most.</param>
    /// <returns>Whether the catalog has the name.</returns>
    /// <exception cref="DatabaseCorruptException">The catalog or the record is damaged.</exception>
    /// <exception cref="DatabaseFormatException">The tree needs a newer engine.</exception>
    public static bool TryFind(
        TreeName name, PageSource source, in TreeRecord catalog, out TreeRecord record, out byte[] attributes)
    {
        var index = TreeSearch.Find(source, catalog.Root, catalog.RootCrc, catalog.Depth, name.Bytes, out var leaf);
        if (index < 0)
        {
            record = default;
            attributes = [];
            return false;
        }

        if (leaf.IsOverflow(index))
        {
            throw new DatabaseCorruptException(
                $"The catalog's record of tree '{name.Text}' is in an overflow run.");
        }

        Read(name.Text, TreeSearch.Value(source, leaf, index), source, out record, out attributes);
        return true;
    }

    /// <summary>Takes apart what the catalog has under a name.</summary>
    /// <exception cref="DatabaseCorruptException">It is damaged.</exception>
    /// <exception cref="DatabaseFormatException">The tree needs a newer engine.</exception>
    public static void Read(
        string name, ReadOnlySpan<byte> value, PageSource source, out TreeRecord record, out byte[] attributes)
    {
        record = ReadRecord(name, value, source);
        attributes = ReadAttributes(name, value[PageLayout.TreeRecordSize..]);
    }

    /// <summary>
    /// Refuses a database that has an attribute which must be known. It is only looked for where it can be read: damage
    /// of the catalog is found by who looks a tree up.
    /// </summary>
    /// <exception cref="DatabaseFormatException">The database needs a newer engine.</exception>
    /// <exception cref="DatabaseCorruptException">What the catalog has for the database is no list.</exception>
    public static void CheckDatabase(PageSource source, in TreeRecord catalog, string file)
    {
        int index;
        LeafPage leaf;
        try
        {
            index = TreeSearch.Find(source, catalog.Root, catalog.RootCrc, catalog.Depth, [], out leaf);
        }
        catch (DatabaseCorruptException)
        {
            return;
        }

        if (index < 0)
        {
            return;
        }

        if (leaf.IsOverflow(index)
            || !TreeAttributes.TryCheck(TreeSearch.Value(source, leaf, index), out var required))
        {
            throw new DatabaseCorruptException(
                $"The catalog of '{file}' holds attributes of the database that are no list of attributes. Run the "
                + "integrity check, and restore from a backup.");
        }

        if (required >= 0)
        {
            throw new DatabaseFormatException(
                $"'{file}' has attribute {required}, which this engine does not know and would have to. Open it with a "
                + "newer engine.");
        }
    }

    private static TreeRecord ReadRecord(string name, ReadOnlySpan<byte> value, PageSource source)
    {
        if (value.Length < PageLayout.TreeRecordSize)
        {
            throw new DatabaseCorruptException(
                $"The catalog's record of tree '{name}' has {value.Length} bytes "
                + $"instead of {PageLayout.TreeRecordSize}.");
        }

        var record = TreeRecord.Read(value);
        if ((record.Flags & ~TreeFlags.Known) != TreeFlags.None)
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

    private static byte[] ReadAttributes(string name, ReadOnlySpan<byte> list)
    {
        if (list.IsEmpty)
        {
            return [];
        }

        if (!TreeAttributes.TryCheck(list, out var required))
        {
            throw new DatabaseCorruptException(
                $"The {list.Length} bytes behind the catalog's record of tree '{name}' are no list of attributes.");
        }

        return required < 0
            ? list.ToArray()
            : throw new DatabaseFormatException(
                $"Tree '{name}' has attribute {required}, which this engine does not know and would have to. Open the "
                + "database with a newer engine; other trees are not affected.");
    }
}
