namespace Engine;

/// <summary>How a backup is taken. The defaults make a full one, as fast as it goes.</summary>
public sealed class BackupOptions
{
    /// <summary>
    /// An older snapshot of the same database, whose backup there is: only what was written after it is in the new one.
    /// Null: everything. It must stay open until the backup has ended (as with <see cref="Snapshot.BeginRead"/>,
    /// disposing it meanwhile does no harm).
    /// </summary>
    public Snapshot? Since { get; init; }

    /// <summary>How to compress. Default: <see cref="BackupCompression.None"/>.</summary>
    public BackupCompression Compression { get; init; }

    /// <summary>
    /// Write no more than so many bytes a second (on average since the beginning), so that others get their share of
    /// the disk or the network. At least 1. Null, the default: no limit.
    /// </summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Is told now and then how far it has come, on the thread that works.</summary>
    public IProgress<BackupProgress>? Progress { get; init; }
}
