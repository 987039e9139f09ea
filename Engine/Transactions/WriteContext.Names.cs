using System.Text;
using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>Named trees: finding, creating, renaming and dropping them. The catalog itself is written at
/// commit.</content>
internal sealed partial class WriteContext
{
    /// <summary>The catalog's order, that of UTF-8; that of UTF-16 differs where surrogates are involved.</summary>
    private static readonly Comparer<string> ByteOrder =
        Comparer<string>.Create(
            static (x, y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)));

    /// <summary>Makes a tree if there is none of that name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="flags">What it is to be; null: what it is if it is there, plain otherwise.</param>
    public void Create(TreeName name, TreeFlags? flags)
    {
        CheckName(name);
        var tree = Touch(name);
        if (tree.Editor is { } editor)
        {
            if (flags is { } wanted && wanted != editor.Record.Flags)
            {
                throw new TreeOptionsException(
                    $"Tree '{name.Text}' exists with the options {(TreeOptions)editor.Record.Flags}, not "
                    + $"{(TreeOptions)wanted}. Options are chosen when a tree is created: open it as it is, with "
                    + "CreateTree(name) or GetTree, or copy its entries into a new tree.");
            }

            return;
        }

        var created = NewEditor(flags ?? default);
        Rebind(tree);
        tree.Editor = created;
    }

    /// <summary>Removes a tree with all its entries, and its indexes.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Drop(TreeName name)
    {
        CheckName(name);
        var tree = Touch(name);
        if (tree.Editor is null)
        {
            return false;
        }

        RequireNoTimesOfOther(tree);
        try
        {
            DropIndexesOf(tree);
            DropTimesOf(tree);
            tree.Editor.Clear();
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }

        Rebind(tree);
        tree.Editor = null;
        tree.Attributes = [];
        ForgetExpiringWrites(tree);
        return true;
    }

    /// <summary>Gives a tree another name.</summary>
    public void Rename(TreeName from, TreeName to)
    {
        CheckName(from);
        CheckName(to);
        var source = Touch(from);
        var target = Touch(to);
        if (source.Editor is null)
        {
            throw new TreeNotFoundException($"There is no tree '{from.Text}' to rename.");
        }

        if (ReferenceEquals(source, target))
        {
            return;
        }

        if (target.Editor is not null)
        {
            throw new TreeExistsException(
                $"There is a tree '{to.Text}' already. Drop it first, or choose another name.");
        }

        CheckName(to, source.Attributes.Length);
        RenameTimes(source, to);
        Rebind(source);
        Rebind(target);
        target.Editor = source.Editor;
        target.Attributes = source.Attributes;
        MoveExpiringWrites(source, target);
        source.Editor = null;
        source.Attributes = [];
    }

    /// <summary>Gives a tree attributes, a list that was looked at.</summary>
    public void SetAttributes(TreeName name, byte[] attributes)
    {
        CheckName(name, attributes.Length);
        var tree = Touch(name);
        Rebind(tree);
        tree.Attributes = attributes;
    }

    /// <summary>Gives the database attributes, under the key that no tree has for its name.</summary>
    public void SetDatabaseAttributes(ReadOnlySpan<byte> attributes)
    {
        Catalog.Put([], attributes.Length, PutMode.Overwrite, null, out var destination);
        attributes.CopyTo(destination);
        _namesChanged = true;
    }

    /// <summary>The names of all trees as they are now but that of named snapshots, in ascending byte order.</summary>
    public SortedSet<string> ListNames(IEnumerable<string> catalogNames)
    {
        var names = new SortedSet<string>(catalogNames, ByteOrder);
        foreach (var tree in _touched)
        {
            if (tree.Editor is null)
            {
                names.Remove(tree.Name.Text);
            }
            else if (tree.Name.Text != SnapshotNames.Tree)
            {
                names.Add(tree.Name.Text);
            }
        }

        return names;
    }

    /// <summary>
    /// Puts the changed records into the catalog. The first time this makes its pages dirty; the second time, when the
    /// trees' roots have their numbers, it overwrites the records in place and moves nothing.
    /// </summary>
    public void WriteRecords()
    {
        if (Main.IsChanged)
        {
            Main.Record.LastChanged = TransactionId;
        }

        foreach (var tree in _touched)
        {
            if (!tree.IsChanged)
            {
                continue;
            }

            if (tree.Editor is null)
            {
                Catalog.Delete(tree.Name.Bytes);
                continue;
            }

            tree.Editor.Record.LastChanged = TransactionId;
            var length = PageLayout.TreeRecordSize + tree.Attributes.Length;
            Catalog.Put(tree.Name.Bytes, length, PutMode.Overwrite, null, out var destination);
            tree.Editor.Record.Write(destination);
            tree.Attributes.CopyTo(destination[PageLayout.TreeRecordSize..]);
        }

        if (Catalog.IsChanged)
        {
            Catalog.Record.LastChanged = TransactionId;
        }
    }

    /// <summary>An empty tree that nobody has had before.</summary>
    private TreeEditor NewEditor(TreeFlags flags)
    {
        if (NextTreeId is < 2 or ulong.MaxValue)
        {
            throw new DatabaseCorruptException(
                $"The next tree's id would be {NextTreeId}, which no database reaches. Run the integrity check and "
                + "restore from a backup, or salvage what is readable.");
        }

        return new TreeEditor(_source, _dirty, this, new TreeRecord { TreeId = NextTreeId++, Flags = flags });
    }

    private TreeEditor Editor(TreeName name) =>
        Find(name)
        ?? throw new TreeNotFoundException($"There is no tree '{name.Text}'. Create it with CreateTree first.");

    private TreeEditor? Find(TreeName name)
    {
        if (name.IsDefault)
        {
            return Main;
        }

        return name.Touched is { } tree && tree.Serial == State.RootSerial ? tree.Editor : Touch(name).Editor;
    }

    private NamedTree Touch(TreeName name)
    {
        if (name.IsReserved)
        {
            throw new InvalidOperationException(
                $"Tree '{name.Text}' holds the named snapshots, which only the engine writes. Use CreateSnapshot, "
                + "RenameSnapshot and DeleteSnapshot.");
        }

        if (!_named.TryGetValue(name.Text, out var tree))
        {
            tree = new NamedTree(name, State.RootSerial);
            if (TryFindInBase(name, out var record, out var attributes))
            {
                tree.Attributes = attributes;
                tree.Editor = new TreeEditor(_source, _dirty, this, record);
            }

            _named.Add(name.Text, tree);
            _touched.Add(tree);
        }

        name.Touched = tree;
        return tree;
    }

    /// <summary>
    /// Looks into the catalog of the base state: what this transaction did to names stands in the touched ones.
    /// </summary>
    private bool TryFindInBase(TreeName name, out TreeRecord record, out byte[] attributes)
    {
        if (name.Entry is { } entry && entry.CatalogId == _base.CatalogId)
        {
            record = entry.Record;
            attributes = entry.Attributes;
            return entry.Exists;
        }

        var exists = CatalogSearch.TryFind(name, _source, _base.Catalog, out record, out attributes);
        name.Remember(_base.CatalogId, exists, record, attributes);
        return exists;
    }

    /// <summary>
    /// Makes what readers of the new state will find under the changed names, while the transaction can still be
    /// aborted.
    /// </summary>
    public void PrepareCommitted()
    {
        foreach (var tree in _touched)
        {
            if (tree.IsChanged)
            {
                tree.Committed = new TreeEntry(
                    NextCatalogId, tree.Editor is not null, tree.Editor?.Record ?? default, tree.Attributes);
            }
        }
    }

    /// <summary>
    /// Spares the readers of the new state the look into its catalog, for all names that the transaction has touched.
    /// </summary>
    private void RememberCommitted()
    {
        foreach (var tree in _touched)
        {
            if (tree.Committed is { } committed)
            {
                tree.Name.Remember(committed);
            }
            else
            {
                tree.Name.Remember(
                    NextCatalogId, tree.Editor is not null, tree.Editor?.Record ?? default, tree.Attributes);
            }
        }
    }

    /// <summary>
    /// Forgets the names of the transaction. What many names have made large is given back as well, or every later
    /// transaction would have to clear it again.
    /// </summary>
    private void ForgetNames()
    {
        const int Kept = 1000;
        foreach (var tree in _touched)
        {
            // Other handles of the name may still refer to it.
            tree.Name.Touched = null;
            tree.Editor = null;
            tree.Committed = null;
        }

        if (_touched.Count > Kept)
        {
            _touched = [];
            _named = NewNames();
        }
        else
        {
            _touched.Clear();
            _named.Clear();
        }
    }

    private static Dictionary<string, NamedTree> NewNames() => new(StringComparer.Ordinal);

    /// <summary>The caller gives a name another tree, or none, as soon as this returns.</summary>
    private void Rebind(NamedTree tree)
    {
        Save(tree);
        tree.IsRebound = true;
        _namesChanged = true;
        _rebinds++;
    }

    private void CheckName(TreeName name, int attributeBytes = 0)
    {
        if (name.IsDefault)
        {
            throw new InvalidOperationException(
                "The default tree always exists: it cannot be created, dropped or renamed. Clear it to remove its "
                + "entries.");
        }

        var limit = PageLayout.MaxNameLength(_pageSize, attributeBytes);
        if (name.Bytes.Length > limit)
        {
            throw new KeyTooLongException(name.Bytes.Length, limit);
        }
    }
}
