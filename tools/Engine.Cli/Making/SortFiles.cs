using Engine.Cli.Shared;

namespace Engine.Cli.Making;

/// <summary>How loads sort, and where their temporary files are made.</summary>
internal static class SortFiles
{
    /// <summary>
    /// Larger than the engine's own: of a million entries it left 56 free pages, where 1 MiB left 197 and 32 MiB 69.
    /// </summary>
    private const long Window = 8 * 1024 * 1024;

    /// <summary>
    /// Beside the database unless told otherwise: there must be room for as much there, and a directory for temporary
    /// files is often kept in memory.
    /// </summary>
    /// <param name="directory">The directory that was asked for; null for the one of the database.</param>
    /// <param name="database">The path of the database.</param>
    /// <exception cref="UsageException">There is no such directory.</exception>
    public static BulkLoadOptions Options(string? directory, string database)
    {
        if (directory is not null && !Directory.Exists(directory))
            throw new UsageException($"--temp: there is no directory '{directory}'");
        return new BulkLoadOptions
        {
            TempDirectory = directory ?? Path.GetDirectoryName(Path.GetFullPath(database))!,
            Window = Window
        };
    }
}
