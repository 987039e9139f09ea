using Engine.Pages;

namespace Engine.Space;

/// <summary>
/// Sizes that decide when rare things happen. Tests make them small, so that rare paths run in every test.
/// </summary>
internal sealed record SpaceTuning
{
    public static SpaceTuning Default { get; } = new();

    /// <summary>Bytes of the log head that are used, at most the capacity in the meta.</summary>
    public int LogHeadLimit { get; init; } = Meta.LogHeadCapacity;

    /// <summary>
    /// Bytes of a run list that a commit puts into the meta, at most the capacity there; a longer list gets pages of
    /// its own.
    /// </summary>
    public int InlineRunsLimit { get; init; } = RunList.InlineCapacity;

    /// <summary>A log of fewer bytes is not condensed, unless the result fits into half of the head.</summary>
    public long SmallLog { get; init; } = 16 * 1024;

    /// <summary>Entries of released pins that a commit looks at in any case; more if it freed more.</summary>
    public int DrainPerCommit { get; init; } = 4096;

    /// <summary>
    /// Runs of fewer pages are short: a write of each costs more than what the system does for its pages.
    /// </summary>
    public ulong ShortRun { get; init; } = 4;

    /// <summary>Below this page count there is no branch zone: it would be too much of the file.</summary>
    public ulong ZoneMinimumPages { get; init; } = 1024;

    /// <summary>
    /// Words of 64 pages that the entries of the log may name at open, about a hundred milliseconds of work, before a
    /// slower way is taken that does not depend on it.
    /// </summary>
    public long DirectReplayWork { get; init; } = 1L << 24;
}
