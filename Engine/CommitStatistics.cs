namespace Engine;

/// <summary>
/// What committing has cost since the database was opened: how often writers shared a flush, and what for they waited.
/// </summary>
public sealed record CommitStatistics
{
    /// <summary>Transactions that were committed and had changed something.</summary>
    public required long Transactions { get; init; }

    /// <summary>
    /// The groups that they were written in: what one commit writes and flushes. As many as there are transactions, if
    /// nobody ever committed while another commit was flushed.
    /// </summary>
    public required long Groups { get; init; }

    /// <summary>Transactions in the largest group.</summary>
    public required long LargestGroup { get; init; }

    /// <summary>
    /// Groups that were committed without a transaction that began on top of them and stayed open for long, or was
    /// about to write to the file; its commit writes their pages once more.
    /// </summary>
    public required long GroupsLeavingOut { get; init; }

    /// <summary>Flushes of the file.</summary>
    public required long Flushes { get; init; }

    /// <summary>How long the flushes took, added up.</summary>
    public required TimeSpan Flushing { get; init; }

    /// <summary>
    /// How long transactions waited from their commit until its promise was met, added up: several wait at a time.
    /// </summary>
    public required TimeSpan Waiting { get; init; }
}
