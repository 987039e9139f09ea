using System.Text;
using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>Named trees: finding, creating, renaming and dropping them. The catalog itself is written at commit.</content>
internal sealed partial class WriteContext
{
    /// <summary>The catalog's order, that of UTF-8; that of UTF-16 differs where surrogates are involved.</summary>
    private static readonly Comparer<string> ByteOrder =
        Comparer<string>.Create(static (x, y) => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)));

    /// <summary>Makes a tree if there is none of that name.</summary>
    /// <returns>Whether it was made.</returns>
    public bool Create(TreeName name)
    {
        CheckName(name);
        var tree = Touch(name);
        if (tree.Writer is not null)
        {
            return false;
        }

        if (_nextTreeId is < 2 or ulong.MaxValue)
        {
            throw new DatabaseCorruptException($"The next tree's id would be {_nextTreeId}, which no database reaches. Run the integrity check and restore from a backup, or salvage what is readable.");
        }

        tree.Writer = new TreeWriter(_source, _dirty, this, new TreeRecord { TreeId = _nextTreeId++ });
        Rebind(tree);
        return true;
    }

    /// <summary>Removes a tree with all its entries.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Drop(TreeName name)
    {
        CheckName(name);
        var tree = Touch(name);
        if (tree.Writer is null)
        {
            return false;
        }

        try
        {
            tree.Writer.Clear();
        }
        catch (Exception e) when (Fail(e))
        {
            throw;
        }

        tree.Writer = null;
        Rebind(tree);
        return true;
    }

    /// <summary>Gives a tree another name.</summary>
    public void Rename(TreeName from, TreeName to)
    {
        CheckName(from);
        CheckName(to);
        var source = Touch(from);
        var target = Touch(to);
        if (source.Writer is null)
        {
            throw new TreeNotFoundException($"There is no tree '{from.Text}' to rename.");
        }

        if (ReferenceEquals(source, target))
        {
            return;
        }

        if (target.Writer is not null)
        {
            throw new TreeExistsException($"There is a tree '{to.Text}' already. Drop it first, or choose another name.");
        }

        target.Writer = source.Writer;
        source.Writer = null;
        Rebind(source);
        Rebind(target);
    }

    /// <summary>The names of all trees as they are now, in ascending byte order.</summary>
    public SortedSet<string> ListNames(IEnumerable<string> catalogNames)
    {
        var names = new SortedSet<string>(catalogNames, ByteOrder);
        foreach (var tree in _touched)
        {
            if (tree.Writer is null)
            {
                names.Remove(tree.Name.Text);
            }
            else
            {
                names.Add(tree.Name.Text);
            }
        }

        return names;
    }

    /// <summary>
    /// Puts the changed records into the catalog. The first time this makes its pages dirty; the second time, when the trees' roots have their
    /// numbers, it overwrites the records in place and moves nothing.
    /// </summary>
    private void WriteRecords()
    {
        Span<byte> bytes = stackalloc byte[PageLayout.TreeRecordSize];
        foreach (var tree in _touched)
        {
            if (!tree.IsChanged)
            {
                continue;
            }

            if (tree.Writer is null)
            {
                _catalog.Delete(tree.Name.Bytes);
                continue;
            }

            tree.Writer.Record.LastChanged = TransactionId;
            tree.Writer.Record.Write(bytes);
            ReadOnlySpan<byte> value = bytes;
            _catalog.Put(tree.Name.Bytes, bytes.Length, PutMode.Overwrite, null, ref value, out var destination);
            value.CopyTo(destination);
        }
    }

    private TreeWriter Writer(TreeName name) =>
        Find(name) ?? throw new TreeNotFoundException($"There is no tree '{name.Text}'. Create it with CreateTree first.");

    private TreeWriter? Find(TreeName name)
    {
        if (name.Index == 0)
        {
            return _main;
        }

        return name.Index < _named.Count && _named[name.Index] is { } tree ? tree.Writer : Touch(name).Writer;
    }

    private NamedTree Touch(TreeName name)
    {
        while (_named.Count <= name.Index)
        {
            _named.Add(null);
        }

        if (_named[name.Index] is { } known)
        {
            return known;
        }

        var tree = new NamedTree(name);

        // The catalog of the base state: what this transaction did to names stands in the touched ones.
        if (TreeTable.TryLoad(name, _source, _base.Catalog, out var record))
        {
            tree.Writer = new TreeWriter(_source, _dirty, this, record);
        }

        _named[name.Index] = tree;
        _touched.Add(tree);
        return tree;
    }

    private void Rebind(NamedTree tree)
    {
        tree.IsRebound = true;
        _namesChanged = true;
        _rebinds++;
        Changed();
    }

    private void CheckName(TreeName name)
    {
        if (name.Index == 0)
        {
            throw new InvalidOperationException("The default tree always exists: it cannot be created, dropped or renamed. Truncate it to remove its entries.");
        }

        var limit = PageLayout.MaxNameLength(_pageSize);
        if (name.Bytes.Length > limit)
        {
            throw new KeyTooLongException(name.Bytes.Length, limit);
        }
    }
}
