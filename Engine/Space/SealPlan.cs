namespace Engine.Space;

/// <summary>
/// How a transaction ends, decided when it is sealed: the log is written by it, and it is what the transaction
/// publishes. To decide takes the pages that the log needs and may cut off a free tail. Those are changes of the
/// transaction like any other, and nothing else has happened: whoever undoes them and restores the log has undone the
/// seal.
/// </summary>
internal readonly struct SealPlan
{
    /// <summary>How the log is written.</summary>
    public required LogWriting Writing { get; init; }

    /// <summary>
    /// Pages from here on are not in the log before this transaction: the page count at its begin, or after its cut.
    /// </summary>
    public required ulong LogLimit { get; init; }

    /// <summary>What the transaction adds to the log, the pages of a chain that it replaces included.</summary>
    public required TransactionEntries Entries { get; init; }

    /// <summary>The pages that the log will have more, ascending; valid until the next seal.</summary>
    public required List<Extent> NewLogPages { get; init; }

    /// <summary>How many those are.</summary>
    public required int NewLogPageCount { get; init; }

    /// <summary>The chain that the condensed log replaces; empty if it stays. Valid until the next seal.</summary>
    public required IReadOnlyList<LogPageReference> FormerChain { get; init; }
}
