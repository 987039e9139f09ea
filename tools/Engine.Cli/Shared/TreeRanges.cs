namespace Engine.Cli.Shared;

/// <summary>Ranges whose bounds may be missing.</summary>
internal static class TreeRanges
{
    /// <summary>
    /// The entries with <paramref name="from"/> ≤ key &lt; <paramref name="to"/>; a missing bound is no bound.
    /// </summary>
    public static TreeRange Between(TreeReader tree, byte[]? from, byte[]? to) => (from, to) switch
    {
        (null, null) => tree.All(),
        (null, not null) => tree.Until(to),
        (not null, null) => tree.From(from),
        (not null, not null) => tree.Range(from, to),
    };
}
