namespace Engine.PropertyTests.Checking;

/// <summary>What the checker found in a sound image.</summary>
public sealed class ImageReport
{
    public required MetaChoice Choice { get; init; }

    /// <summary>
    /// A digest of all entries of all trees, and of all that is named, comparable with the model's.
    /// </summary>
    public required ulong Digest { get; init; }

    /// <summary>The same without what is named.</summary>
    public required ulong TreesDigest { get; init; }

    /// <summary>The default tree (with an empty name) and the named ones in the order of their names.</summary>
    public required IReadOnlyList<ImageTree> Trees { get; init; }

    /// <summary>The named snapshots, in the order of their names.</summary>
    public required IReadOnlyList<NamedImage> Named { get; init; }

    /// <summary>Pages of the trees, the catalog and their values.</summary>
    public required PageSet Reachable { get; init; }

    public required PageSet LogPages { get; init; }

    /// <summary>Pages of the list run that the meta names.</summary>
    public required PageSet ListPages { get; init; }

    public required IReadOnlyDictionary<long, FreePage> Free { get; init; }

    public MetaImage Meta => Choice.Meta;
}
