namespace Engine.Bench.Costs;

/// <summary>
/// What random overwrites cost at one size of tree and one number per transaction. All figures are averages over the
/// transactions.
/// </summary>
internal sealed record CostRow
{
    public required long Entries { get; init; }

    /// <summary>Pages of each level of the tree before the overwrites, the root first.</summary>
    public required IReadOnlyList<long> Levels { get; init; }

    /// <summary>Overwrites per transaction.</summary>
    public required int Batch { get; init; }

    /// <summary>Transactions that were measured.</summary>
    public required int Transactions { get; init; }

    /// <summary>Distinct tree pages per transaction by the formula, and one meta.</summary>
    public required double ExpectedPages { get; init; }

    /// <summary>Pages and metas written per transaction.</summary>
    public required double Pages { get; init; }

    public required double Bytes { get; init; }

    public required double WriteCalls { get; init; }

    public required double Flushes { get; init; }

    /// <summary>Bytes that the same transactions wrote with LMDB; null if it was not asked for.</summary>
    public required double? LmdbBytes { get; init; }

    public required double? LmdbWriteCalls { get; init; }
}
