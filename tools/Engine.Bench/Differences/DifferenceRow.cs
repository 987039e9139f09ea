using Engine.Bench.Measuring;

namespace Engine.Bench.Differences;

/// <summary>The difference after a number of overwrites. Times in nanoseconds.</summary>
/// <param name="Entries">Entries of the tree.</param>
/// <param name="Overwrites">Random overwrites between the two states.</param>
/// <param name="Changes">Entries that differ: fewer, where one was overwritten twice.</param>
/// <param name="Pages">Pages of both trees that were looked into.</param>
/// <param name="First">The first enumeration.</param>
/// <param name="Time">Further ones.</param>
/// <param name="Scans">Comparing all entries of both.</param>
/// <param name="Copies">Comparing all entries with those of a copy of the file, which shares no memory.</param>
internal sealed record DifferenceRow(
    long Entries,
    long Overwrites,
    long Changes,
    ulong Pages,
    double First,
    Statistic Time,
    Statistic Scans,
    Statistic Copies);
