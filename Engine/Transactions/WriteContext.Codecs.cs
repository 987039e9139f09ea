using Engine.Pages;

namespace Engine.Transactions;

/// <content>The codecs of trees, which are attributes of theirs.</content>
internal sealed partial class WriteContext
{
    /// <summary>
    /// Moves when a name may have come to mean another tree, or a tree may have got other attributes.
    /// </summary>
    public long Rebinds => _rebinds;

    /// <summary>The attributes of a tree.</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public byte[] AttributesOf(TreeName name)
    {
        _ = Editor(name);
        return name.IsDefault ? [] : name.Touched!.Attributes;
    }

    /// <summary>
    /// Makes a tree with codecs if there is none of that name; one that is empty and has none gets them.
    /// </summary>
    /// <exception cref="KeyTooLongException">The name leaves no room for those of the codecs.</exception>
    public void Create(TreeName name, in TreeCodecs codecs, TreeFlags? flags = null)
    {
        CheckName(name);
        var tree = Touch(name);
        RequireCodecsAllowed(name);

        if (tree.Editor is not null)
        {
            // It is there, and has these options.
            Create(name, flags);
        }

        if (tree.Editor is null || (tree.Editor.Record.Entries == 0 && TreeCodecs.From(tree.Attributes).IsNone))
        {
            var attributes = codecs.AddTo(tree.Attributes);
            CheckName(name, attributes.Length);
            Create(name, flags);
            SetAttributes(name, attributes);
        }
    }

    /// <summary>Gives a tree codecs, which has none.</summary>
    /// <exception cref="KeyTooLongException">The name leaves no room for those of the codecs.</exception>
    public void Adopt(TreeName name, in TreeCodecs codecs)
    {
        _ = Editor(name);
        RequireCodecsAllowed(name);
        SetAttributes(name, codecs.AddTo(AttributesOf(name)));
    }

    /// <summary>Refuses codecs for a tree that is there and whose entries are not just keys and values.</summary>
    public void RequireCodecsAllowed(TreeName name)
    {
        if (Find(name) is { } editor && FormOf(name, editor) is var form && form != TreeForm.Plain)
        {
            ThrowOtherForm(name, form);
        }
    }
}
