namespace Engine.Extensions.Hosting;

/// <summary>What is watched of a database.</summary>
internal interface IWatched
{
    /// <summary>The path of the database.</summary>
    string Name { get; }

    /// <summary>Costs nothing.</summary>
    DatabaseState State { get; }

    /// <summary>Who reads just now, in all processes.</summary>
    IReadOnlyList<DatabaseReader> GetReaders();

    /// <summary>
    /// Asks the system how many bytes this process may still write to the disk, which may take long; null if there is
    /// no disk that could get full.
    /// </summary>
    long? GetFreeDiskBytes();
}
