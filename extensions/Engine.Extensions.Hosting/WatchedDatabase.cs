namespace Engine.Extensions.Hosting;

/// <summary>A database and, if it grows in a file, the disk of that.</summary>
internal sealed class WatchedDatabase : IWatched
{
    private readonly Database _database;
    private readonly string? _disk;

    public WatchedDatabase(Database database, bool inMemory)
    {
        _database = database;
        if (!inMemory && !database.IsReadOnly)
        {
            // Windows knows disks by their roots; elsewhere each folder may be the mount point of another disk.
            _disk = OperatingSystem.IsWindows() ? Path.GetPathRoot(Name) : Path.GetDirectoryName(Name);
        }
    }

    public string Name => _database.Path;

    public DatabaseState State => _database.State;

    public IReadOnlyList<DatabaseReader> GetReaders() => _database.GetReaders();

    public long? GetFreeDiskBytes() => _disk is null ? null : new DriveInfo(_disk).AvailableFreeSpace;
}
