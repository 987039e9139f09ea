namespace Engine.Cli.Shared;

/// <summary>The ways in which commands open their FILE.</summary>
internal static class DatabaseFiles
{
    /// <summary>Reads beside a live writer, and changes nothing.</summary>
    public static Database OpenForReading(string path, bool withoutLock = false) =>
        OpenExisting(path, new DatabaseOptions { ReadOnly = true, WithoutLock = withoutLock });

    /// <summary>Writes to a database that exists.</summary>
    public static Database OpenForChanging(string path) => OpenExisting(path, new DatabaseOptions { CreateIfMissing = false });

    /// <summary>Writes, and creates the database if there is none. A page size that an existing database does not have is an error.</summary>
    public static Database OpenOrCreate(string path, int? pageSize = null) =>
        Database.Open(path, new DatabaseOptions { PageSize = pageSize });

    /// <summary>Walks the whole file independently of the write path.</summary>
    /// <returns>The first problem, or nothing if there is none.</returns>
    public static string? FindDamage(Database database)
    {
        IntegrityReport report = database.Check();
        return report.IsOk ? null : report.Problems[0].ToString();
    }

    /// <summary>The engine's advice is for programmers; here it is another command that creates databases.</summary>
    private static Database OpenExisting(string path, DatabaseOptions options)
    {
        try
        {
            return Database.Open(path, options);
        }
        catch (DatabaseNotFoundException exception)
        {
            throw new DatabaseNotFoundException(
                $"there is no database at '{path}': check the path (load, put and shell create a database where there is none)", exception);
        }
    }
}
