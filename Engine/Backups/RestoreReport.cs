namespace Engine;

/// <summary>What was restored.</summary>
public sealed class RestoreReport
{
    /// <summary>The streams, in the order in which they were applied.</summary>
    public IReadOnlyList<BackupInfo> Links { get; internal init; } = [];

    /// <summary>The file id of the new database.</summary>
    public Guid FileId { get; internal init; }

    /// <summary>Id of the transaction whose state it has.</summary>
    public ulong TransactionId { get; internal init; }

    /// <summary>Its pages, from page 0 on.</summary>
    public long PageCount { get; internal init; }

    /// <summary>How many of them are free.</summary>
    public long FreePages { get; internal init; }

    /// <summary>Trees: the default tree and the named ones.</summary>
    public long Trees { get; internal init; }

    /// <summary>Entries of all those trees.</summary>
    public long Entries { get; internal init; }
}
