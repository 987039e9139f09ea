using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>A tree of the file: its name and the record that leads to it.</summary>
internal sealed class TreeInfo
{
    public required TreeRole Role { get; init; }

    /// <summary>Position in <see cref="TreeList"/>.</summary>
    public required int Index { get; init; }

    /// <summary>The name as it is in the catalog; empty for the default tree and the catalog.</summary>
    public byte[] Name { get; init; } = [];

    public required TreeRecord Record { get; init; }

    /// <summary>What the catalog has behind the record.</summary>
    public byte[] Attributes { get; init; } = [];

    /// <summary>What the catalog says that the tree is; attributes that are no list say nothing.</summary>
    public TreeKind Kind => TreeKind.From(
        (TreeOptions)(Record.Flags & FileFormat.KnownTreeFlags),
        AttributeListCheck.Find(Attributes, out _) is null ? Attributes : []);

    /// <summary>The catalog's leaf that holds the record; null if a meta does.</summary>
    public ulong? Holder { get; init; }

    /// <summary>For people: "(default)", "(catalog)" or the name.</summary>
    public string Label => Role switch
    {
        TreeRole.Default => TreeNames.Default,
        TreeRole.Catalog => TreeNames.Catalog,
        _ => TreeNames.Label(Name),
    };

    /// <summary>In a sentence: "the default tree".</summary>
    public string Phrase => Role switch
    {
        TreeRole.Default => "the default tree",
        TreeRole.Catalog => "the catalog",
        _ => $"tree '{TreeNames.Label(Name)}'",
    };
}
