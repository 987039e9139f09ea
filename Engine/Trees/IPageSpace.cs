using Engine.Pages;

namespace Engine.Trees;

/// <summary>What a tree being written needs of the transaction around it.</summary>
internal interface IPageSpace
{
    /// <summary>Pages that are no longer part of the tree; snapshots may still hold them.</summary>
    void Free(ulong page, ulong pages, ulong birth);
}
