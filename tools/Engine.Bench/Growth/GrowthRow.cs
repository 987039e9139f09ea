using Engine.Bench.Measuring;

namespace Engine.Bench.Growth;

/// <summary>What one size of database costs. Times in nanoseconds.</summary>
internal sealed record GrowthRow
{
    public required long Entries { get; init; }

    /// <summary>Levels of the tree, and its pages.</summary>
    public required int Depth { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>Of an entry of the bulk load, which is done once.</summary>
    public required double Load { get; init; }

    /// <summary>Of a lookup of a random key, all in one read transaction.</summary>
    public required Statistic Get { get; init; }

    /// <summary>Of an entry of a scan of everything.</summary>
    public required Statistic Scan { get; init; }

    /// <summary>Of a put over a random key, 10^3 per transaction, without flush.</summary>
    public required Statistic Overwrite { get; init; }

    /// <summary>Of an entry, when the whole file is checked.</summary>
    public required Statistic Check { get; init; }

    /// <summary>Of opening the file and looking up one key.</summary>
    public required Statistic Open { get; init; }
}
