namespace Engine.Cli.Shared;

/// <summary>The ways in which commands open their FILE.</summary>
internal static class DatabaseFiles
{
    /// <summary>Reads beside a live writer, and changes nothing.</summary>
    public static Database OpenForReading(string path) => Database.Open(path, new DatabaseOptions { ReadOnly = true });

    /// <summary>Writes to a database that exists.</summary>
    public static Database OpenExisting(string path) => Database.Open(path, new DatabaseOptions { CreateIfMissing = false });

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
}
