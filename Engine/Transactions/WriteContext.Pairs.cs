using System.Diagnostics.CodeAnalysis;
using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>Multi-valued trees: what their entries look like, and that nobody puts others.</content>
internal sealed partial class WriteContext
{
    /// <summary>Makes a multi-valued tree if there is none of that name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="flags">What it is to be; multi-valued among others.</param>
    /// <param name="form">How its pairs are written.</param>
    /// <exception cref="TreeOptionsException">There is a tree of that name that is another one.</exception>
    public void Create(TreeName name, TreeFlags flags, PairForm form)
    {
        CheckName(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(form.KeySize, _maxKeyLength, "keySize");
        if (Find(name) is null)
        {
            var attributes = TreePairs.Describe(form);
            CheckName(name, attributes.Length);
            Create(name, flags);
            SetAttributes(name, attributes);
            return;
        }

        Create(name, flags);
        var keySize = FormOf(name).KeySize;
        if (keySize != form.KeySize)
        {
            throw new TreeOptionsException(
                $"Tree '{name.Text}' exists with keys of {TreePairs.Words(keySize)}, not of "
                + $"{TreePairs.Words(form.KeySize)}. That is chosen when a tree is created: copy its pairs into a new "
                + "one.");
        }
    }

    /// <summary>How a multi-valued tree writes its pairs.</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="TreeOptionsException">It is no multi-valued one.</exception>
    public PairForm FormOf(TreeName name) => TreePairs.FormOf(name, Editor(name).Record.Flags, AttributesOf(name));

    /// <summary>Adds a pair to a multi-valued tree.</summary>
    /// <param name="tree">The tree, as a multi-valued one.</param>
    /// <param name="key">The key of the pair.</param>
    /// <param name="value">The value of the pair.</param>
    /// <param name="scratch">Memory to write the pair in.</param>
    /// <returns>False, with nothing changed, if the pair is there.</returns>
    public bool AddPair(TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        var form = FormOf(tree);
        var pair = RequirePair(form, tree, key, value, scratch);
        return Put(tree, pair, form.EntryValue(key), PutMode.AddOnly);
    }

    /// <summary>A pair, which the tree has room for.</summary>
    /// <exception cref="ArgumentException">The key has not the length that all keys have.</exception>
    /// <exception cref="PairTooLongException">There is no room.</exception>
    public ReadOnlySpan<byte> RequirePair(
        PairForm form, TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        if (!form.Allows(key))
        {
            throw new ArgumentException(
                $"The key has {key.Length} bytes; all keys of tree '{tree.Text}' have {form.KeySize}.", nameof(key));
        }

        var pair = form.Pair(key, value, scratch);

        // What the entry has besides must fit its leaf.
        var limit = Math.Min(
            _maxKeyLength,
            PageLayout.MaxLeafCell(_pageSize) - PageLayout.LeafCellHeader - form.EntryValue(key).Length);
        return pair.Length <= limit ? pair : throw new PairTooLongException(pair.Length, limit);
    }

    /// <summary>The tree under a name, to put entries into it.</summary>
    /// <exception cref="TreeOptionsException">Its entries are not what they are meant as.</exception>
    private TreeEditor EditorToPut(TreeName name)
    {
        var editor = Editor(name);
        var form = FormOf(name, editor);
        if (form != name.Form)
        {
            ThrowOtherForm(name, form);
        }

        return editor;
    }

    /// <summary>The tree under a name, to delete entries. Pairs can be deleted as the entries that they are.</summary>
    /// <exception cref="TreeOptionsException">Something else goes with its entries.</exception>
    private TreeEditor EditorToDelete(TreeName name)
    {
        var editor = Editor(name);
        var form = FormOf(name, editor);
        if (form != name.Form && (form | name.Form) >= TreeForm.Expiring)
        {
            ThrowOtherForm(name, form);
        }

        return editor;
    }

    /// <summary>What the entries of the tree under a name are, which was looked for just now.</summary>
    private static TreeForm FormOf(TreeName name, TreeEditor editor) =>
        (editor.Record.Flags & TreeFlags.Multimap) != 0 ? TreeForm.Pairs
        : name.IsDefault ? TreeForm.Plain
        : name.Touched!.Expiry;

    [DoesNotReturn]
    private static void ThrowOtherForm(TreeName name, TreeForm form) => throw form switch
    {
        TreeForm.Pairs => TreePairs.IsMultiValued(name.Text),
        TreeForm.Expiring => TreeExpiry.IsExpiring(name.Text),
        TreeForm.TimeIndex => TreeExpiry.IsTimeIndex(name.Text),
        _ => name.IsOfPairs ? TreePairs.NotMultiValued(name.Text) : TreeExpiry.NotExpiring(name.Text),
    };
}
