using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>What differs between two files, found by reading both: trees are known by their names.</summary>
internal static class FileDifference
{
    /// <summary>Writes what differs.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="older">What is before.</param>
    /// <param name="newer">What is after.</param>
    /// <param name="only">The only tree that is of interest; null for all.</param>
    /// <param name="isJson">Whether as JSON lines.</param>
    /// <param name="isCounting">Whether a line for each tree is enough.</param>
    /// <returns>Whether anything does.</returns>
    public static bool Write(
        CommandContext context,
        (Database Database, Snapshot Snapshot) older,
        (Database Database, Snapshot Snapshot) newer,
        string? only,
        bool isJson,
        bool isCounting)
    {
        bool isAny = false;
        var writer = new ChangeWriter(context, isJson, isCounting);
        using ReadTransaction before = older.Snapshot.BeginRead();
        using ReadTransaction after = newer.Snapshot.BeginRead();
        foreach (string name in Names(before, after, only))
        {
            Tree olderHandle = CommonSymbols.Resolve(older.Database, name);
            Tree newerHandle = CommonSymbols.Resolve(newer.Database, name);
            bool isInOlder = before.TryGetTree(olderHandle, out TreeReader olderTree);
            bool isInNewer = after.TryGetTree(newerHandle, out TreeReader newerTree);
            if (!isInOlder && !isInNewer)
                continue;
            ChangedTreeKind kind = !isInOlder ? ChangedTreeKind.Created
                : !isInNewer ? ChangedTreeKind.Dropped
                : ChangedTreeKind.Changed;
            TreeKind newerKind =
                isInNewer ? ChangeWriter.KindOf(after, newerHandle) : ChangeWriter.KindOf(before, olderHandle);
            TreeKind olderKind = isInOlder ? ChangeWriter.KindOf(before, olderHandle) : newerKind;
            if (only is null && newerKind.FollowsFromOthers)
                continue;
            var tree = new ChangeWriter.ShownTree(name, kind, isInOlder ? name : null)
            {
                // Those of trees of unequal kinds have nothing in common but how they are stored.
                Of = HaveSameForm(olderKind, newerKind) ? newerKind : TreeKind.Plain,
            };
            var counts = new ChangeWriter.Counts();
            bool isHeaded = kind != ChangedTreeKind.Changed && !isCounting;
            if (isHeaded)
                writer.WriteTree(tree);
            TreeRange.Enumerator olderEntries = isInOlder ? olderTree.All().GetEnumerator() : default;
            TreeRange.Enumerator newerEntries = isInNewer ? newerTree.All().GetEnumerator() : default;
            bool hasOlder = isInOlder && olderEntries.MoveNext();
            bool hasNewer = isInNewer && newerEntries.MoveNext();
            while (hasOlder || hasNewer)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                int order = !hasOlder ? 1
                    : !hasNewer ? -1
                    : olderEntries.CurrentKey.SequenceCompareTo(newerEntries.CurrentKey);
                Entry was = order <= 0 ? olderEntries.Current : default;
                Entry now = order >= 0 ? newerEntries.Current : default;
                if (order != 0 || !was.Value.SequenceEqual(now.Value))
                {
                    ChangeKind change = order < 0 ? ChangeKind.Removed
                        : order > 0 ? ChangeKind.Added
                        : ChangeKind.Changed;
                    if (!isCounting)
                    {
                        if (!isHeaded && counts.IsNothing)
                            writer.WriteTree(tree);
                        writer.Write(tree, change, order < 0 ? was.Key : now.Key, was.Value, now.Value);
                    }

                    counts.Add(change);
                }

                if (order <= 0)
                    hasOlder = olderEntries.MoveNext();
                if (order >= 0)
                    hasNewer = newerEntries.MoveNext();
            }

            if (isCounting && (kind != ChangedTreeKind.Changed || !counts.IsNothing))
                writer.WriteCounts(tree, counts);
            isAny |= kind != ChangedTreeKind.Changed || !counts.IsNothing;
        }

        return isAny;
    }

    private static bool HaveSameForm(TreeKind older, TreeKind newer) =>
        (older.IsMultiValued, older.KeySize, older.Expiry) == (newer.IsMultiValued, newer.KeySize, newer.Expiry);

    private static IEnumerable<string> Names(in ReadTransaction before, in ReadTransaction after, string? only)
    {
        if (only is not null)
            return [only];
        var names = new SortedSet<string>(StringComparer.Ordinal) { "" };
        names.UnionWith(before.GetTreeNames());
        names.UnionWith(after.GetTreeNames());
        names.RemoveWhere(static name => name.StartsWith("engine:", StringComparison.Ordinal));
        return names;
    }
}
