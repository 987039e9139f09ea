namespace Engine;

/// <summary>
/// What a tree can do beyond keeping entries in order. Chosen when it is created, and fixed from then on.
/// </summary>
[Flags]
public enum TreeOptions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>
    /// It counts: branches hold how many entries lie below each child, so that the rank of a key, the entry at an index
    /// and the number of entries in a range are found in O(log n). It costs eight bytes in a branch for each page below
    /// it, a thousandth of the tree or two.
    /// </summary>
    Counted = 1,

    /// <summary>
    /// A key may have many values, which are kept in order: the tree's entries are pairs, read and written by a
    /// <c>MultiTree</c>.
    /// </summary>
    MultiValued = 2,
}
