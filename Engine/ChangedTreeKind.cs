namespace Engine;

/// <summary>What became of a tree between two states.</summary>
public enum ChangedTreeKind
{
    /// <summary>Both states have it under the same name, with other entries.</summary>
    Changed,

    /// <summary>The newer state has it, the older one has not: all its entries are added.</summary>
    Created,

    /// <summary>The older state has it, the newer one has not: all its entries are removed.</summary>
    Dropped,

    /// <summary>The newer state has it under another name, perhaps with other entries, too.</summary>
    Renamed,
}
