namespace Engine;

/// <summary>What a backup stream says of itself.</summary>
public sealed class BackupInfo
{
    /// <summary>The file id of the database that it was taken from: links of one chain have the same.</summary>
    public Guid FileId { get; internal init; }

    /// <summary>Page size of that database in bytes.</summary>
    public int PageSize { get; internal init; }

    /// <summary>Id of the transaction whose state it leads to.</summary>
    public ulong TransactionId { get; internal init; }

    /// <summary>
    /// Id of the transaction on whose state it builds: what changed since is in it. 0 in a full backup.
    /// </summary>
    public ulong BaseId { get; internal init; }

    /// <summary>Whether it is a full backup, which can be restored alone.</summary>
    public bool IsFull => BaseId == 0;

    /// <summary>How the body is compressed.</summary>
    public BackupCompression Compression { get; internal init; }

    /// <summary>Pages of the database in that state, free ones included, from page 0 on.</summary>
    public long PageCount { get; internal init; }

    /// <summary>Pages in the stream; null if only its header was read, which does not tell.</summary>
    public long? Pages { get; internal init; }

    /// <summary>
    /// Bytes of the stream, as they were written or read; null if only its header was read, which does not tell.
    /// </summary>
    public long? Bytes { get; internal init; }
}
