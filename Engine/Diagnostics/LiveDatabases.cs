namespace Engine.Diagnostics;

/// <summary>
/// The databases of this process that are open, for those who observe them. Weakly: one that is forgotten is not kept
/// by this.
/// </summary>
internal static class LiveDatabases
{
    private static readonly Lock Lock = new();
    private static readonly List<WeakReference<DatabaseTelemetry>> All = [];
    private static CommitTotals _closed;

    /// <summary>What all databases have committed that were ever open in this process: it never goes down.</summary>
    public static CommitTotals Totals
    {
        get
        {
            lock (Lock)
            {
                // Under one lock: a database is among those that are open, or its totals among those that are closed.
                return ListAlive().Aggregate(_closed, static (totals, database) => totals + database.Totals);
            }
        }
    }

    public static void Add(DatabaseTelemetry database)
    {
        lock (Lock)
        {
            All.Add(new WeakReference<DatabaseTelemetry>(database));
        }
    }

    /// <param name="database">It is being closed.</param>
    /// <param name="totals">What it has committed.</param>
    public static void Remove(DatabaseTelemetry database, CommitTotals totals)
    {
        using (Uninterrupted.Enter(Lock))
        {
            All.RemoveAll(other => !other.TryGetTarget(out var alive) || ReferenceEquals(alive, database));
            _closed += totals;
        }
    }

    public static List<DatabaseTelemetry> List()
    {
        lock (Lock)
        {
            return ListAlive();
        }
    }

    private static List<DatabaseTelemetry> ListAlive()
    {
        var databases = new List<DatabaseTelemetry>();
        foreach (var reference in All)
        {
            if (reference.TryGetTarget(out var database))
            {
                databases.Add(database);
            }
        }

        return databases;
    }
}
