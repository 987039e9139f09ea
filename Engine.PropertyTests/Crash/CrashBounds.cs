namespace Engine.PropertyTests.Crash;

/// <summary>How thoroughly the crash states of one program are enumerated.</summary>
/// <param name="AllSubsets">
/// Up to so many sectors between two flushes that change something, every subset is tried.
/// </param>
/// <param name="Pairs">Beyond that, whether all pairs are tried besides prefixes, all-but-one and only-one.</param>
/// <param name="TearWords">At which 8-byte words a sector of a page is torn.</param>
/// <param name="MetaTearWords">At which the first sector of a meta is torn.</param>
/// <param name="MetaTailTearWords">At which another sector of a meta is torn.</param>
/// <param name="EveryTailSector">
/// Whether each sector of a meta beyond the first is lost and torn alone, or one of them for all.
/// </param>
/// <param name="Depth">
/// Crashes in a row: 1, or 2 with every state crashed again during its recovery and next commit.
/// </param>
internal sealed record CrashBounds(
    int AllSubsets,
    bool Pairs,
    IReadOnlyList<int> TearWords,
    IReadOnlyList<int> MetaTearWords,
    IReadOnlyList<int> MetaTailTearWords,
    bool EveryTailSector,
    int Depth)
{
    private static readonly int[] Ends = [1, 63];

    /// <summary>A bound that CI completes. Also what is enumerated for every second crash.</summary>
    public static CrashBounds Small { get; } = new(6, Pairs: false, Ends, Ends, Ends, EveryTailSector: false, Depth: 1);

    /// <summary>The small one with second crashes.</summary>
    public static CrashBounds Medium { get; } = Small with { Depth = 2 };

    /// <summary>The bound of the proof.</summary>
    public static CrashBounds Full { get; } =
        new(
            12,
            Pairs: true,
            [1, 2, 31, 32, 62, 63],
            [.. Enumerable.Range(1, 63)],
            Ends,
            EveryTailSector: true,
            Depth: 2);

    /// <summary>The bound of the proof without second crashes.</summary>
    public static CrashBounds FullOnce { get; } = Full with { Depth = 1 };
}
