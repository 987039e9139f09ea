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
    public TreeOptions Options { get; private init; } = (TreeOptions)(Record.Flags & FileFormat.KnownTreeFlags);

    /// <summary>
    /// A tree of a catalog that may be damaged. Attributes are kept as they are if nothing of them must be known;
    /// without its own a multi-valued tree is one of entries whose keys are the pairs, since they tell how to read
    /// those.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value in the catalog, which is as long as a record at least.</param>
    public static NamedRecord Readable(string name, ReadOnlySpan<byte> value)
    {
        var found = new NamedRecord(name, new TreeRecord(value));
        ReadOnlySpan<byte> list = value[FileFormat.TreeRecordLength..];
        return AttributeListCheck.Find(list, out int required) is null && required < 0
            ? found with { Attributes = list.ToArray() }
            : found with { Options = found.Options & ~TreeOptions.MultiValued };
    }

    /// <summary>
    /// Whether it is the tree of the names of snapshots. Only the engine writes that, and only where their pages are.
    /// </summary>
    public bool IsOfSnapshots => Name == Engine.Transactions.SnapshotNames.Tree;

    public string DisplayName => Shared.TreeNames.Label(Name);
}
