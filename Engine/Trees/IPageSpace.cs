using Engine.Pages;

namespace Engine.Trees;

/// <summary>What a tree being written needs of the transaction around it.</summary>
internal interface IPageSpace
{
    /// <summary>Pages that are no longer part of the tree; snapshots may still hold them.</summary>
    void Free(ulong page, ulong pages, ulong birth);

    /// <summary>
    /// A tree is about to change for the first time after the newest savepoint: what it is now is kept.
    /// </summary>
    void Save(TreeEditor tree);
}
