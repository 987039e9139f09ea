namespace Engine.Pages;

/// <summary>
/// Flags of a tree, fixed when it is created. A tree with one that is not known is refused.
/// </summary>
[Flags]
internal enum TreeFlags : byte
{
    None = 0,
    Counted = 1,
    Multimap = 2,
    PrefixStripped = 4,

    /// <summary>Those that this version reads and writes.</summary>
    Known = Counted | Multimap,
}
