using Engine.Trees;

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

    /// <summary>The pairs with keys in a range.</summary>
    public static MultiTreeRange Between(MultiTreeReader tree, byte[]? from, byte[]? to) => (from, to) switch
    {
        (null, null) => tree.All(),
        (null, not null) => tree.Until(to),
        (not null, null) => tree.From(from),
        (not null, not null) => tree.Range(from, to),
    };

    /// <summary>The keys of a range, each once.</summary>
    public static MultiTreeKeyRange KeysBetween(MultiTreeReader tree, byte[]? from, byte[]? to)
    {
        MultiTreeKeyRange keys = tree.Keys();
        if (from is not null)
            keys = keys.From(from);
        return to is not null ? keys.Until(to) : keys;
    }

    /// <summary>The keys that begin with a prefix, each once.</summary>
    public static MultiTreeKeyRange KeysOfPrefix(MultiTreeReader tree, byte[] prefix)
    {
        MultiTreeKeyRange keys = tree.Keys().From(prefix);
        return PairForm.TryNext(prefix, [], out ReadOnlySpan<byte> next) ? keys.Until(next) : keys;
    }
}
