namespace Engine.Pages;

/// <summary>What a page holds; the byte at offset 4 of its header.</summary>
internal enum PageKind : byte
{
    None = 0,
    Leaf = 1,
    Branch = 2,
    Overflow = 3,
    Log = 4,
}
