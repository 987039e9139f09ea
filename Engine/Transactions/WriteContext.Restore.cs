using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Making the trees what they are in an older state: by their difference to it, which is put and deleted like
/// everything else. So it costs what changed, can be rolled back and shares a commit as any other change, and breaks
/// no rule about births: the pages of the older state stay that one's.
/// </content>
internal sealed partial class WriteContext
{
    private const int RestoredAtOnce = 1000;

    /// <summary>Makes every tree what it is in a state, those of the engine's own excepted.</summary>
    /// <param name="state">The state, pinned meanwhile.</param>
    /// <exception cref="InvalidOperationException">A load of a tree is under way.</exception>
    public void Restore(ReaderContext state)
    {
        if (State.Loads.Mark() is not null)
        {
            throw new InvalidOperationException(
                "A load of a tree is under way. Complete it before the trees are made what they were.");
        }

        try
        {
            var wanted = ListOtherTrees(state, out var names);
            var current = Unbind(names);
            var kept = Find(_sequences)?.Record.TreeId;
            foreach (var tree in wanted)
            {
                // What has become the tree that stays is two trees from now on.
                var id = tree.Record.TreeId == kept ? NextTreeId++ : tree.Record.TreeId;
                Bind(tree, id, current);
            }

            // Dropped, after their names have become free.
            foreach (var (editor, _) in current.Values)
            {
                editor.Clear();
            }

            CompleteChange();
            RestoreEntries(Main, state.Main, state.Source);
            foreach (var tree in wanted)
            {
                RestoreEntries(Touch(new TreeName(tree.Name)).Editor!, tree.Record, state.Source);
            }
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>
    /// The trees of a state that the transaction has not, or not as they are there; and the names that either of both
    /// has such trees under.
    /// </summary>
    private List<CatalogTree> ListOtherTrees(ReaderContext state, out HashSet<string> names)
    {
        var wanted = new List<CatalogTree>();
        names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in View.ListNames())
        {
            names.Add(name);
        }

        names.RemoveWhere(IsKept);
        foreach (var name in state.ListNames())
        {
            if (IsKept(name))
            {
                continue;
            }

            var tree = new TreeName(name);
            if (!state.TryResolve(tree, out var record, out var attributes))
            {
                continue;
            }

            if (IsUntouchedSame(tree, record, attributes))
            {
                names.Remove(name);
                continue;
            }

            names.Add(name);
            wanted.Add(new CatalogTree(name, record, attributes));
        }

        return wanted;
    }

    /// <summary>Numbers that were given stay given.</summary>
    private static bool IsKept(string name) => name is SequenceTree.Name;

    private bool IsUntouchedSame(TreeName name, in TreeRecord record, byte[] attributes) =>
        !_named.ContainsKey(name.Text)
        && CatalogSearch.TryFind(name, _source, _base.Catalog, out var now, out var nowAttributes)
        && now == record
        && nowAttributes.AsSpan().SequenceEqual(attributes);

    /// <summary>Takes the trees from their names.</summary>
    /// <returns>The trees, and what their names had behind the records, by their ids.</returns>
    private Dictionary<ulong, (TreeEditor Editor, byte[] Attributes)> Unbind(HashSet<string> names)
    {
        var trees = new Dictionary<ulong, (TreeEditor, byte[])>();
        foreach (var name in names)
        {
            var tree = Touch(new TreeName(name));
            Rebind(tree);
            if (tree.Editor is { } editor)
            {
                trees.Add(editor.Record.TreeId, (editor, tree.Attributes));
            }

            tree.Editor = null;
            tree.Attributes = [];
            ForgetExpiringWrites(tree);
        }

        return trees;
    }

    /// <summary>
    /// Gives a name the tree that it has in the older state, or an empty one that will be made the same.
    /// </summary>
    private void Bind(
        CatalogTree wanted, ulong id, Dictionary<ulong, (TreeEditor Editor, byte[] Attributes)> current)
    {
        var tree = Touch(new TreeName(wanted.Name));
        Rebind(tree);
        tree.Editor = current.Remove(id, out var same)
            ? same.Editor
            : new TreeEditor(_source, _dirty, this, new TreeRecord { TreeId = id, Flags = wanted.Record.Flags });
        tree.Attributes = wanted.Attributes;
    }

    /// <summary>Puts and deletes what makes a tree the same as an older one.</summary>
    private void RestoreEntries(TreeEditor editor, in TreeRecord wanted, PageSource source)
    {
        var changes = new List<(byte[] Key, bool IsDeleted)>();
        byte[]? last = null;
        do
        {
            CollectChanges(editor, wanted, source, last, changes);
            foreach (var (key, isDeleted) in changes)
            {
                if (isDeleted)
                {
                    editor.Delete(key);
                    CompleteChange();
                    continue;
                }

                var index = TreeSearch.Find(source, wanted.Root, wanted.RootCrc, wanted.Depth, key, out var leaf);
                Put(editor, key, TreeSearch.Value(source, leaf, index), PutMode.Overwrite);
            }

            last = changes.Count == 0 ? null : changes[^1].Key;
        }
        while (changes.Count == RestoredAtOnce);
    }

    private void CollectChanges(
        TreeEditor editor,
        in TreeRecord wanted,
        PageSource source,
        byte[]? last,
        List<(byte[] Key, bool IsDeleted)> changes)
    {
        changes.Clear();
        var bounds = new TreeDiffBounds { From = last, IsFromExcluded = last is not null };
        var diff = new TreeDiff(_source, editor.Record, source, wanted);
        while (changes.Count < RestoredAtOnce && diff.MoveNext(bounds))
        {
            changes.Add((diff.Key.ToArray(), !diff.IsInNewer));
        }
    }
}
