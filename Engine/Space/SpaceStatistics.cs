namespace Engine.Space;

/// <summary>The allocator in numbers, for the inspector.</summary>
internal sealed record SpaceStatistics
{
    /// <summary>Pages 0 … page count − 1 exist.</summary>
    public required ulong PageCount { get; init; }

    /// <summary>Pages that can be taken now, those of the branch zone included.</summary>
    public required ulong ReusablePages { get; init; }

    /// <summary>Reusable pages that are kept for branches.</summary>
    public required ulong ReusableZonePages { get; init; }

    /// <summary>Pages of the branch zone, in use or not.</summary>
    public required ulong ZonePages { get; init; }

    /// <summary>Free pages that wait for pins.</summary>
    public required ulong PendingPages { get; init; }

    /// <summary>The longest run of reusable pages outside of the branch zone.</summary>
    public required ulong LongestRun { get; init; }

    /// <summary>Maximal runs of reusable pages.</summary>
    public required ulong Runs { get; init; }

    /// <summary>Bytes of entries in the space log.</summary>
    public required long LogLength { get; init; }

    /// <summary>Bytes of entries in the space log, if it were condensed now.</summary>
    public required long CondensedLength { get; init; }

    /// <summary>Pages of the log chain.</summary>
    public required int LogPages { get; init; }

    /// <summary>The pins, ascending, and how many pages wait for each.</summary>
    public required IReadOnlyList<PinStatistics> Pins { get; init; }
}
