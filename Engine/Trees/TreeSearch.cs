using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <summary>Point lookups: descending from a root by heads.</summary>
internal static class TreeSearch
{
    /// <summary>Finds a key.</summary>
    /// <returns>The leaf and its index; -1 when the key is absent.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Find(
        PageSource source, ulong root, uint rootCrc, int depth, ReadOnlySpan<byte> key, out LeafPage leaf)
    {
        if (depth == 0)
        {
            leaf = default;
            return -1;
        }

        leaf = new LeafPage(DescendTo(source, root, rootCrc, depth, key));
        return leaf.Find(key);
    }

    /// <summary>The value of an entry; lives as long as its snapshot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Value(PageSource source, LeafPage leaf, int index) =>
        leaf.TryGetInlineValue(index, out var value) ? value : source.GetOverflow(leaf.Overflow(index));

    /// <summary>
    /// The same on a walk: asks for a value that the walk will come to soon, if it has pages of its own.
    /// </summary>
    /// <param name="source">Where the pages are.</param>
    /// <param name="leaf">The leaf.</param>
    /// <param name="index">The entry in it.</param>
    /// <param name="step">1 upwards, -1 downwards.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Value(PageSource source, LeafPage leaf, int index, int step) =>
        leaf.TryGetInlineValue(index, out var value) ? value : OverflowValue(source, leaf, index, step);

    private static ReadOnlySpan<byte> OverflowValue(PageSource source, LeafPage leaf, int index, int step)
    {
        // Within what PrefetchCell has asked for: the reference is there to read.
        var ahead = index + (step * (LeafPage.Ahead - 1));
        if ((uint)ahead < (uint)leaf.Count && leaf.IsOverflow(ahead))
        {
            source.PrefetchOverflow(leaf.Overflow(ahead));
        }

        return source.GetOverflow(leaf.Overflow(index));
    }

    private static Page DescendTo(PageSource source, ulong root, uint rootCrc, int depth, ReadOnlySpan<byte> key)
    {
        var page = source.Get(root, rootCrc, depth - 1);
        for (var level = depth - 2; level >= 0; level--)
        {
            var branch = new BranchPage(page);
            var child = branch.Find(key);
            page = source.Get(branch.Child(child), branch.ChildCrc(child), level);
        }

        return page;
    }
}
