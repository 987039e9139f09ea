using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Trees with indexes: an entry and what it means to the indexes are one change. What may be refused is looked at
/// before anything is written.
/// </content>
internal sealed partial class WriteContext
{
    /// <summary>Puts an entry of a tree and those of its indexes.</summary>
    /// <exception cref="UniqueIndexException">
    /// Another entry has a key of a unique index; nothing was changed.
    /// </exception>
    /// <exception cref="KeyTooLongException">A key is too long; nothing was changed.</exception>
    public bool Put(
        TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, PutMode mode, IndexChanges changes)
    {
        CheckKey(key);
        for (var i = 0; i < changes.Count; i++)
        {
            CheckKey(changes.New(i));
            _ = Editor(changes.Index(i));
        }

        if (mode == PutMode.AddOnly && Contains(Editor(tree), key))
        {
            return false;
        }

        for (var i = 0; i < changes.Count; i++)
        {
            if (changes.IsUnique(i) && changes.HasNew(i) && !changes.IsSame(i))
            {
                RequireUnique(changes, i);
            }
        }

        try
        {
            for (var i = 0; i < changes.Count; i++)
            {
                if (!changes.IsSame(i))
                {
                    Change(changes, i);
                }
            }

            return Put(tree, key, value, mode);
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Deletes an entry of a tree and those of its indexes.</summary>
    public bool Delete(TreeName tree, ReadOnlySpan<byte> key, IndexChanges changes)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            _ = Editor(changes.Index(i));
        }

        try
        {
            for (var i = 0; i < changes.Count; i++)
            {
                Change(changes, i);
            }

            return Delete(tree, key);
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>The attributes of a tree, if there is one of that name.</summary>
    public bool TryGetAttributes(TreeName name, out byte[] attributes)
    {
        var exists = Find(name) is not null;
        attributes = exists && !name.IsDefault ? name.Touched!.Attributes : [];
        return exists;
    }

    /// <summary>
    /// Makes a tree with codecs and indexes if there is none of that name. If there is one that is empty, it gets those
    /// indexes that it lacks. If there is one with entries, its indexes stay as they are.
    /// </summary>
    /// <param name="name">The tree's name.</param>
    /// <param name="codecs">Its codecs.</param>
    /// <param name="flags">What it is to be; null: what it is if it is there, plain otherwise.</param>
    /// <param name="indexes">What it is to have.</param>
    /// <param name="names">Their names.</param>
    /// <exception cref="KeyTooLongException">The names have no room; nothing was changed.</exception>
    /// <exception cref="TreeExistsException">An index's name is that of a tree; nothing was changed.</exception>
    public void Create(
        TreeName name,
        in TreeCodecs codecs,
        TreeFlags? flags,
        ReadOnlySpan<IndexDefinition> indexes,
        ReadOnlySpan<TreeName> names)
    {
        CheckName(name);
        var tree = Touch(name);
        var attributes = tree.Editor is null ? [] : tree.Attributes;
        var known = TreeCodecs.From(attributes);
        if (indexes.IsEmpty || tree.Editor is { Record.Entries: not 0 } || !(known.IsNone || known == codecs))
        {
            Create(name, codecs, flags);
            return;
        }

        var stored = new List<IndexDefinition>(IndexList.Read(name.Text, attributes));
        var missing = new List<int>();
        for (var i = 0; i < indexes.Length; i++)
        {
            var index = indexes[i];
            if (!stored.Exists(other => other.Name == index.Name))
            {
                RequireFree(names[i], index.CodecsFor(codecs.Key!).AddTo([]).Length);
                stored.Add(index);
                missing.Add(i);
            }
        }

        attributes = IndexList.AddTo(codecs.AddTo(attributes), stored);
        CheckName(name, attributes.Length);
        Create(name, codecs, flags);
        foreach (var i in missing)
        {
            Create(names[i], indexes[i].CodecsFor(codecs.Key!));
        }

        if (missing.Count > 0)
        {
            SetAttributes(name, attributes);
        }
    }

    /// <summary>
    /// Makes an empty index of a tree, whether or not there is one of that name; that one is dropped then.
    /// </summary>
    /// <param name="name">The tree's name.</param>
    /// <param name="index">The index.</param>
    /// <param name="indexName">Its name.</param>
    /// <exception cref="TreeExistsException">There is a tree of that name that is no index of this one.</exception>
    /// <exception cref="KeyTooLongException">The names have no room.</exception>
    public void MakeIndex(TreeName name, IndexDefinition index, TreeName indexName)
    {
        var attributes = AttributesOf(name);
        var keyCodec = TreeCodecs.From(attributes).Key!;
        var others = new List<IndexDefinition>(IndexList.Read(name.Text, attributes));
        foreach (var other in others)
        {
            if (other.Name == index.Name)
            {
                _ = DropIndexTree(indexName, other.CodecsFor(keyCodec));
            }
        }

        var codecs = index.CodecsFor(keyCodec);
        RequireFree(indexName, codecs.AddTo([]).Length);
        others.RemoveAll(other => other.Name == index.Name);
        SetAttributes(name, IndexList.AddTo(attributes, [.. others, index]));
        Create(indexName, codecs);
    }

    /// <summary>Removes an index of a tree.</summary>
    /// <returns>Whether the tree had one of that name.</returns>
    public bool DropIndex(TreeName name, TreeName indexName)
    {
        var attributes = AttributesOf(name);
        var indexes = IndexList.Read(name.Text, attributes);
        var position = Array.FindIndex(indexes, index => index.Name == indexName.Text);
        if (position < 0)
        {
            return false;
        }

        if (TreeCodecs.From(attributes).Key is { } keyCodec)
        {
            _ = DropIndexTree(indexName, indexes[position].CodecsFor(keyCodec));
        }

        SetAttributes(name, IndexList.AddTo(attributes, indexes.Where(index => index.Name != indexName.Text)));
        return true;
    }

    /// <summary>Drops the indexes that a tree's attributes name, as far as they are there.</summary>
    private void DropIndexesOf(NamedTree tree)
    {
        if (TreeCodecs.From(tree.Attributes).Key is { } keyCodec
            && IndexList.TryRead(tree.Attributes, out var indexes))
        {
            foreach (var index in indexes)
            {
                if (index.Name != tree.Name.Text)
                {
                    _ = DropIndexTree(new TreeName(index.Name), index.CodecsFor(keyCodec));
                }
            }
        }
    }

    /// <summary>Drops the tree that is an index. One with other codecs has only got its name.</summary>
    private bool DropIndexTree(TreeName name, in TreeCodecs codecs) =>
        TryGetAttributes(name, out var attributes) && TreeCodecs.From(attributes) == codecs && Drop(name);

    private void RequireFree(TreeName name, int attributeBytes)
    {
        CheckName(name, attributeBytes);
        if (Touch(name).Editor is not null)
        {
            throw new TreeExistsException(
                $"There is a tree '{name.Text}' already, so no index can have that name. Drop or rename the tree, or "
                + "declare the index with another name.");
        }
    }

    private void Change(IndexChanges changes, int index)
    {
        if (changes.HasOld(index))
        {
            _ = Delete(changes.Index(index), changes.Old(index));
        }

        if (changes.HasNew(index))
        {
            _ = Put(changes.Index(index), changes.New(index), default, PutMode.Overwrite);
        }
    }

    /// <summary>Refuses an entry whose key in an index another one has.</summary>
    private void RequireUnique(IndexChanges changes, int index)
    {
        var indexKey = changes.NewIndexKey(index);
        var cursor = new TreeCursor(_source, Editor(changes.Index(index)).Record);
        for (var found = cursor.Seek(indexKey, out _); found; found = cursor.MoveNext())
        {
            if (!cursor.Key.StartsWith(indexKey))
            {
                return;
            }

            // The entry's own one may be there, if something has written to the index as bytes.
            if (!cursor.Key.SequenceEqual(changes.New(index)))
            {
                throw new UniqueIndexException(changes.TreeOf(index), changes.Index(index).Text);
            }
        }
    }
}
