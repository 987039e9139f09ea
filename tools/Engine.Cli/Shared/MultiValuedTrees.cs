using Engine.Transactions;

namespace Engine.Cli.Shared;

/// <summary>Trees whose keys may have many values.</summary>
internal static class MultiValuedTrees
{
    public static bool Is(in TreeStatistics tree) => (tree.Options & TreeOptions.MultiValued) != 0;

    /// <exception cref="UsageException">The tree has one value for each key.</exception>
    public static void Require(in TreeStatistics tree, string? name, string what)
    {
        if (!Is(tree))
        {
            throw new UsageException(
                $"{TreeNames.Label(name ?? "")} has one value for each key, and {what} is for multi-valued trees: "
                + "'engine create FILE TREE --multi-valued' makes one");
        }
    }

    /// <exception cref="UsageException">All keys of the tree have another length.</exception>
    public static void RequireKey(WriteTransaction transaction, MultiTree tree, ReadOnlySpan<byte> key)
    {
        using TransactionScope entered = transaction.Enter(out WriteContext context);
        RequireKey(context.FormOf(tree.Pairs.Id).KeySize, tree.Name, key);
    }

    /// <inheritdoc cref="RequireKey(WriteTransaction, MultiTree, ReadOnlySpan{byte})"/>
    public static void RequireKey(int keySize, string name, ReadOnlySpan<byte> key)
    {
        if (keySize > 0 && key.Length != keySize)
        {
            throw new UsageException(
                $"the key '{ReadableText.Format(key)}' has {Human.Count(key.Length, "byte", "bytes")}, and all keys of "
                + $"{TreeNames.Label(name)} have {Human.Count(keySize)}: give one of that length, or use a tree that "
                + "was made without --key-size");
        }
    }
}
