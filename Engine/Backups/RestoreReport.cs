namespace Engine;

/// <summary>What was restored.</summary>
public sealed class RestoreReport
{
    /// <summary>The streams, in the order in which they were applied.</summary>
    public required IReadOnlyList<BackupInfo> Links { get; init; }

    /// <summary>The file id of the new database.</summary>
    public required Guid FileId { get; init; }

    /// <summary>Id of the transaction whose state it has.</summary>
    public required ulong TransactionId { get; init; }

    /// <summary>Its pages, from page 0 on.</summary>
    public required long PageCount { get; init; }

    /// <summary>How many of them are free.</summary>
    public required long FreePages { get; init; }

    /// <summary>Trees: the default tree and the named ones.</summary>
    public required long Trees { get; init; }

    /// <summary>Entries of all those trees.</summary>
    public required long Entries { get; init; }
}
