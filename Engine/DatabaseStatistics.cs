namespace Engine;

/// <summary>
/// A database in numbers, as of its newest published state. Amounts (entries, pages, bytes) are <see cref="long"/>, as
/// everywhere here, so that they can be calculated with; transaction ids and page numbers are <see cref="ulong"/>: they
/// are names, to be compared and shown.
/// </summary>
public sealed record DatabaseStatistics
{
    /// <summary>Page size in bytes.</summary>
    public required int PageSize { get; init; }

    /// <summary>Length of the file in bytes; it grows in steps and is cut when the database is closed.</summary>
    public required long FileLength { get; init; }

    /// <summary>Pages of the file, the reserved ones at its start included.</summary>
    public required long PageCount { get; init; }

    /// <summary>
    /// Id of the newest published transaction. Ids are names, not amounts, and unsigned as in the file.
    /// </summary>
    public required ulong TransactionId { get; init; }

    /// <summary>
    /// Id of the newest durable transaction; smaller than <see cref="TransactionId"/> while deferred commits wait for a
    /// flush.
    /// </summary>
    public required ulong DurableTransactionId { get; init; }

    /// <summary>
    /// Pages that belong to no tree of this state, nor to the space log or a run list: reusable, or pending.
    /// </summary>
    public required long FreePages { get; init; }

    /// <summary>
    /// Free pages that older snapshots or the durable state still hold; null when the database is open read-only.
    /// </summary>
    public required long? PendingPages { get; init; }

    /// <summary>Pages of the space log.</summary>
    public required long LogPages { get; init; }

    /// <summary>
    /// Pages of the list of the pages that the newest commit wrote, if that is too long for the meta; the next commit
    /// frees them.
    /// </summary>
    public required long ListPages { get; init; }

    /// <summary>Pages in use by trees, the catalog included.</summary>
    public required long TreePages { get; init; }

    /// <summary>
    /// What committing has cost since the database was opened; null when it is open read-only.
    /// </summary>
    public required CommitStatistics? Commits { get; init; }

    /// <summary>The default tree.</summary>
    public required TreeStatistics Main { get; init; }

    /// <summary>The catalog, which holds a record per named tree.</summary>
    public required TreeStatistics Catalog { get; init; }
}
