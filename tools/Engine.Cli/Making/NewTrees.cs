using Engine.Cli.Shared;
using Engine.Transactions;

namespace Engine.Cli.Making;

/// <summary>Makes trees of every kind.</summary>
internal static class NewTrees
{
    /// <summary>Makes a named tree if there is none; one that is there must be of the same kind.</summary>
    /// <returns>The tree, to put entries into it as they are stored.</returns>
    /// <exception cref="TreeOptionsException">The tree that is there has other options.</exception>
    public static Tree Create(WriteTransaction transaction, string name, TreeKind kind)
    {
        bool isNew = !transaction.TreeExists(name);
        ExpiringTrees.RefuseTimes(kind, name);
        Tree tree = kind.IsMultiValued ? CreateMultiValued(transaction, name, kind)
            : kind.IsExpiring ? transaction.CreateExpiringTree(name).Entries
            : transaction.CreateTree(name, kind.Options);
        if (isNew && kind.HasCodecs)
            SetAttributes(transaction, tree, kind.ToAttributes());
        return tree;
    }

    private static Tree CreateMultiValued(WriteTransaction transaction, string name, TreeKind kind)
    {
        try
        {
            return transaction.CreateMultiTree(name, kind.Options, kind.KeySize).Pairs;
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new UsageException(
                $"keys of {Human.Count(kind.KeySize)} bytes are longer than keys may be with pages of this size: "
                + "choose a larger --page-size for a new file",
                exception);
        }
    }

    /// <summary>What a tree that is there is.</summary>
    public static TreeKind KindOf(WriteTransaction transaction, Tree tree)
    {
        TreeOptions options = transaction[tree].GetStatistics().Options;
        using TransactionScope entered = transaction.EnterToRead(out WriteContext context);
        return TreeKind.From(options, context.AttributesOf(tree.Id));
    }

    /// <summary>A tree that is there, to put entries into it as they are stored.</summary>
    public static Tree Open(WriteTransaction transaction, Database database, string name)
    {
        Tree tree = database.GetTree(name);
        return transaction[tree].GetStatistics().Options.HasFlag(TreeOptions.MultiValued)
            ? database.GetMultiTree(name).Pairs
            : ExpiringTrees.Is(transaction, tree) ? database.GetExpiringTree(name).Entries
            : tree;
    }

    /// <summary>Puts an entry, or adds a pair, into a tree that is made if there is none.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="database">Its database.</param>
    /// <param name="name">The tree; null or empty for the default tree.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">How long it is there, in an expiring tree; null for ever.</param>
    public static void Put(
        WriteTransaction transaction,
        Database database,
        string? name,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> value,
        TimeSpan? timeToLive = null)
    {
        Tree tree = string.IsNullOrEmpty(name) ? database.Main : transaction.CreateTree(name);
        if (ExpiringTrees.Is(transaction, tree))
        {
            ExpiringTreeWriter entries = transaction[database.GetExpiringTree(name!)];
            if (timeToLive is { } time)
                entries.Put(key, value, time);
            else
                entries.Put(key, value);
            return;
        }

        if (timeToLive is not null)
            throw new UsageException(
                $"the entries of {TreeNames.Label(name ?? "")} do not expire, and --ttl is for those that do: "
                + "'engine create FILE TREE --expiring' makes such a tree");
        if (!MultiValuedTrees.Is(transaction[tree].GetStatistics()))
        {
            transaction[tree].Put(key, value);
            return;
        }

        MultiTree pairs = database.GetMultiTree(name!);
        MultiValuedTrees.RequireKey(transaction, pairs, key);
        transaction[pairs].Add(key, value);
    }

    /// <summary>Gives a tree what the catalog has behind its record.</summary>
    public static void SetAttributes(WriteTransaction transaction, Tree tree, byte[] attributes)
    {
        if (attributes.Length == 0)
            return;
        using TransactionScope entered = transaction.Enter(out WriteContext context);
        context.SetAttributes(tree.Id, attributes);
    }
}
