namespace Engine;

/// <summary>How backups are restored.</summary>
public sealed class RestoreOptions
{
    /// <summary>
    /// At most so many threads check the new database at the same time, the calling one among them; -1: as many as
    /// there are processors. Default: 1. (One thread reads the backups and writes the pages.)
    /// </summary>
    public int MaxDegreeOfParallelism { get; init; } = 1;

    /// <summary>Is told now and then how far it has come, on the calling thread.</summary>
    public IProgress<BackupProgress>? Progress { get; init; }
}
