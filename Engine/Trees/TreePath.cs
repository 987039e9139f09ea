using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>One step of a path: a page, and the child or entry taken in it.</summary>
internal struct PathStep
{
    public Page Page;
    public int Index;
}

/// <summary>
/// A path from a leaf (level 0) up to the root, inside the structure that owns it, so that walking allocates nothing.
/// </summary>
[InlineArray(PageLayout.MaxDepth)]
internal struct TreePath
{
    private PathStep _first;
}
