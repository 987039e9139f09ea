namespace Engine;

/// <summary>What became of an entry between two states.</summary>
public enum ChangeKind
{
    /// <summary>The newer state has it, the older one has not.</summary>
    Added,

    /// <summary>Both have it, with different values.</summary>
    Changed,

    /// <summary>The older state has it, the newer one has not.</summary>
    Removed,
}
