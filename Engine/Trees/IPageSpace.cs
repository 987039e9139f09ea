using Engine.Pages;

namespace Engine.Trees;

/// <summary>What a tree being written needs of the transaction around it.</summary>
internal interface IPageSpace
{
    /// <summary>Pages that are no longer part of the tree; snapshots may still hold them.</summary>
    void Free(ulong page, ulong pages, ulong birth);

    /// <summary>Called before an operation changes anything: throws when the memory that it may need exceeds the transaction's budget.</summary>
    void Reserve(long bytes);
}
