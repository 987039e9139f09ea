namespace Engine.PropertyTests.Crash;

/// <summary>How thoroughly the crash states of one program are enumerated.</summary>
/// <param name="AllSubsets">Up to so many sectors between two flushes, every subset is tried.</param>
/// <param name="Pairs">Beyond that, whether all pairs are tried besides prefixes, all-but-one and only-one.</param>
/// <param name="TearWords">At which 8-byte words of a sector it is torn.</param>
/// <param name="Depth">Crashes in a row: 1, or 2 with every state crashed again during its recovery and next commit.</param>
internal sealed record CrashBounds(int AllSubsets, bool Pairs, IReadOnlyList<int> TearWords, int Depth)
{
    /// <summary>A bound that CI completes. Also what is enumerated for every second crash.</summary>
    public static CrashBounds Small { get; } = new(6, Pairs: false, [1, 63], Depth: 1);

    /// <summary>The small one with second crashes.</summary>
    public static CrashBounds Medium { get; } = Small with { Depth = 2 };

    /// <summary>The bound of the proof.</summary>
    public static CrashBounds Full { get; } = new(12, Pairs: true, [1, 2, 31, 32, 62, 63], Depth: 2);
}
