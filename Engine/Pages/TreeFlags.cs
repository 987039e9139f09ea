namespace Engine.Pages;

/// <summary>
/// Flags of a tree, fixed when it is created. This version writes none; it refuses trees that have any.
/// </summary>
[Flags]
internal enum TreeFlags : byte
{
    None = 0,
    Counted = 1,
    Multimap = 2,
    PrefixStripped = 4,
}
