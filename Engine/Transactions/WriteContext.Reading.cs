using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>Reading what the transaction has written. What is found is good until the next operation.</content>
internal sealed partial class WriteContext
{
    /// <summary>Looks a key up. The span is good until the next operation.</summary>
    public bool TryGet(TreeName tree, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        ref readonly var record = ref Editor(tree).Record;
        var index = TreeSearch.Find(_source, record.Root, record.RootCrc, record.Depth, key, out var leaf);
        value = index >= 0 ? TreeSearch.Value(_source, leaf, index) : default;
        return index >= 0;
    }

    /// <summary>A load of a tree begins.</summary>
    public void BeginLoad(TreeName tree, ILoad load)
    {
        _ = EditorToPut(tree);
        State.Loads.Begin(load);
    }

    public TreeRecord Resolve(TreeName tree) => Editor(tree).Record;

    /// <summary>The tree as it is now, which must be a counted one, with its counts made right.</summary>
    /// <param name="tree">The tree's name.</param>
    /// <param name="source">Gives its pages.</param>
    public TreeRecord ResolveCounted(TreeName tree, out PageSource source)
    {
        var editor = Editor(tree);
        TreeRank.RequireCounted(editor.Record);
        editor.Count();
        source = _source;
        return editor.Record;
    }

    public bool Contains(TreeName tree, ReadOnlySpan<byte> key) => Contains(Editor(tree), key);

    /// <summary>What a cursor compares to know that it must seek again.</summary>
    public TreeVersion VersionOf(TreeName tree) => new(Editor(tree).Changes, _rebinds);

    /// <summary>A cursor on the tree as it is now.</summary>
    public TreeCursor NewCursor(TreeName tree)
    {
        _isLookedInto = true;
        return new TreeCursor(_source, Editor(tree).Record);
    }

    /// <summary>The tree as it is now, its own writes included.</summary>
    public bool TryResolve(TreeName tree, out TreeRecord record, out byte[] attributes)
    {
        // To read it, the tree of names is one like others.
        var names = tree.IsReserved ? Touch(_snapshots) : null;
        var editor = names is null ? Find(tree) : names.Editor;
        editor?.Count();
        record = editor?.Record ?? default;
        attributes = tree.IsDefault ? [] : (names ?? tree.Touched!).Attributes;
        return editor is not null;
    }

    private bool Contains(TreeEditor editor, ReadOnlySpan<byte> key) =>
        TreeSearch.Find(_source, editor.Record.Root, editor.Record.RootCrc, editor.Record.Depth, key, out _) >= 0;
}
