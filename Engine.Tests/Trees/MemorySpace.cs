using Engine.Pages;
using Engine.Trees;

namespace Engine.Tests.Trees;

/// <summary>A note of what a tree gave up.</summary>
internal sealed class MemorySpace : IPageSpace
{
    public List<(ulong Page, ulong Pages, ulong Birth)> Freed { get; } = [];

    public List<TreeImage> Saved { get; } = [];

    public void Free(ulong page, ulong pages, ulong birth) => Freed.Add((page, pages, birth));

    public void Save(TreeEditor tree) => Saved.Add(tree.Image);
}
