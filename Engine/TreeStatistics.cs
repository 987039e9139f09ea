using Engine.Pages;

namespace Engine;

/// <summary>A tree in numbers, as one snapshot has it.</summary>
/// <param name="Entries">Entries.</param>
/// <param name="Depth">Levels of pages; 0 for an empty tree.</param>
/// <param name="LeafPages">Pages that hold entries.</param>
/// <param name="BranchPages">Pages that hold separators.</param>
/// <param name="OverflowPages">Pages that hold values too large for a leaf.</param>
/// <param name="LastChanged">Id of the transaction that last changed the tree; 0 if none did.</param>
/// <param name="Options">What the tree can do.</param>
public readonly record struct TreeStatistics(
    long Entries,
    int Depth,
    long LeafPages,
    long BranchPages,
    long OverflowPages,
    ulong LastChanged,
    TreeOptions Options)
{
    internal static TreeStatistics From(in TreeRecord record) =>
        new(
        Amount.From(record.Entries),
        record.Depth,
        Amount.From(record.LeafPages),
        Amount.From(record.BranchPages),
        Amount.From(record.OverflowPages),
        record.LastChanged,
        (TreeOptions)record.Flags);
}
