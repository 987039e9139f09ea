namespace Engine.Cli.Making;

/// <summary>Makes the time indexes of expiring trees anew, from what the trees have.</summary>
internal static class TimeIndexes
{
    /// <summary>Makes that of one tree, if there is such a tree.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="database">Its database.</param>
    /// <param name="name">The tree.</param>
    /// <param name="options">How to sort.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static void Make(
        WriteTransaction transaction,
        Database database,
        string name,
        BulkLoadOptions options,
        CancellationToken cancellation)
    {
        ExpiringTree tree = database.GetExpiringTree(name);
        if (!transaction.TreeExists(tree.Untyped))
            return;
        transaction[tree.Times].Clear();
        using BulkLoader loader = transaction[tree.Times].BeginLoad(options);
        WriteCursor entries = transaction[tree.Untyped].OpenCursor();
        for (bool isThere = entries.MoveToFirst(); isThere; isThere = entries.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            loader.AddTimeOf(entries.Key, entries.GetValue());
        }

        loader.Complete(cancellation.ThrowIfCancellationRequested);
    }
}
