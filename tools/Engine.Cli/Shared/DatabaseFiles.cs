namespace Engine.Cli.Shared;

/// <summary>
/// The ways in which commands open their FILE. What an opening came across is said on standard
/// error.
/// </summary>
internal static class DatabaseFiles
{
    /// <summary>Reads beside a live writer, and changes nothing.</summary>
    public static Database OpenForReading(CommandContext context, string path, bool withoutLock = false) =>
        OpenExisting(context, path, new DatabaseOptions { ReadOnly = true, WithoutLock = withoutLock });

    /// <summary>Writes to a database that exists.</summary>
    public static Database OpenForChanging(CommandContext context, string path) =>
        OpenExisting(context, path, new DatabaseOptions { CreateIfMissing = false });

    /// <summary>
    /// Writes, and creates the database if there is none. A page size that an existing database does not have is an
    /// error.
    /// </summary>
    public static Database OpenOrCreate(CommandContext context, string path, int? pageSize = null) =>
        Open(context, path, new DatabaseOptions { PageSize = pageSize });

    /// <summary>Refuses to make a file where the lock file of a database belongs, which may not be there now.</summary>
    /// <exception cref="UsageException">It would be there.</exception>
    public static void RefuseLockFile(string database, string made)
    {
        string target = File.Exists(database)
            ? File.ResolveLinkTarget(database, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(database)
            : Path.GetFullPath(database);
        if (Path.GetFullPath(made) == target + "-lock")
            throw new UsageException($"'{made}' is the name of the database's lock file: give another path");
    }

    /// <summary>Says what recovery came across; nothing if there was nothing.</summary>
    public static void Warn(CommandContext context, string path, RecoveryReport? recovery)
    {
        if (recovery is not null)
            ErrorReporting.Write(context.Error, $"warning: '{path}': {recovery}");
    }

    /// <summary>Walks the whole file independently of the write path.</summary>
    /// <returns>The first problem, or nothing if there is none.</returns>
    public static string? FindDamage(Database database)
    {
        IntegrityReport report = database.Check();
        return report.IsOk ? null : report.Problems[0].ToString();
    }

    /// <summary>The engine's advice is for programmers; here it is another command that creates databases.</summary>
    private static Database OpenExisting(CommandContext context, string path, DatabaseOptions options)
    {
        try
        {
            return Open(context, path, options);
        }
        catch (DatabaseNotFoundException exception)
        {
            throw new DatabaseNotFoundException(
                $"there is no database at '{path}': check the path (load, put and shell create a database where there "
                + "is none)",
                exception);
        }
    }

    private static Database Open(CommandContext context, string path, DatabaseOptions options)
    {
        Database database = Database.Open(path, options);
        Warn(context, path, database.Recovery);
        return database;
    }
}
