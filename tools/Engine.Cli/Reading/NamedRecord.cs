using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>A tree that a catalog names.</summary>
/// <param name="Name">The name; empty for the default tree.</param>
/// <param name="Record">Where it is.</param>
internal sealed record NamedRecord(string Name, TreeRecord Record)
{
    /// <summary>What the catalog has behind the record.</summary>
    public byte[] Attributes { get; init; } = [];

    /// <summary>What the tree can do.</summary>
    public TreeOptions Options => (TreeOptions)(Record.Flags & FileFormat.KnownTreeFlags);

    public string DisplayName => Shared.TreeNames.Label(Name);
}
