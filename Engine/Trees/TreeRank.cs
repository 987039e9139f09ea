using System.Diagnostics.CodeAnalysis;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>Ranks in one state of a counted tree, whose counts are right.</summary>
internal static class TreeRank
{
    /// <summary>How many keys are smaller than a key, which may be absent.</summary>
    /// <param name="source">Gives the pages.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="isEqual">Whether the key is there.</param>
    public static ulong Of(PageSource source, in TreeRecord tree, ReadOnlySpan<byte> key, out bool isEqual)
    {
        isEqual = false;
        if (tree.Depth == 0)
        {
            return 0;
        }

        ulong rank = 0;
        var page = source.Get(tree.Root, tree.RootCrc, tree.Depth - 1);
        for (var level = tree.Depth - 2; level >= 0; level--)
        {
            var branch = Counted(page);
            var child = branch.Find(key);
            source.Prefetch(branch.Child(child));
            rank += branch.CountBelow(child);
            page = source.Get(branch.Child(child), branch.ChildCrc(child), level);
        }

        return rank + (ulong)new LeafPage(page).LowerBound(key, out isEqual);
    }

    /// <summary>For what only counted trees can do.</summary>
    /// <exception cref="InvalidOperationException">The tree is not counted.</exception>
    public static void RequireCounted(in TreeRecord tree)
    {
        if ((tree.Flags & TreeFlags.Counted) == 0)
        {
            ThrowNotCounted();
        }
    }

    /// <summary>A branch, of which the counts are to be read.</summary>
    /// <exception cref="DatabaseCorruptException">It has none.</exception>
    public static BranchPage Counted(Page page) =>
        page.IsCounted
            ? new BranchPage(page)
            : throw new DatabaseCorruptException(page.Number, "is a branch of a counted tree and has no counts");

    /// <summary>What a page means that has fewer entries than what refers to it says.</summary>
    public static DatabaseCorruptException CountsDisagree(Page page) =>
        new(page.Number, "has fewer entries than the counts above it say");

    [DoesNotReturn]
    private static void ThrowNotCounted() =>
        throw new InvalidOperationException(
            "The tree does not count its entries: only a walk over them could tell. Create it with "
            + "TreeOptions.Counted.");
}
