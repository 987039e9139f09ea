using Engine.Bench.Measuring;

namespace Engine.Bench.History;

/// <summary>Something measured beside what it is compared with, in turn.</summary>
/// <param name="Name">What.</param>
/// <param name="Than">What it is compared with.</param>
/// <param name="IsRate">Whether the numbers are operations a second, and not nanoseconds.</param>
/// <param name="Value">The measurements.</param>
/// <param name="Base">Those of what it is compared with.</param>
/// <param name="Ratio">The first by the second, of each round.</param>
internal sealed record HistoryRow(
    string Name, string Than, bool IsRate, Statistic Value, Statistic Base, Statistic Ratio)
{
    /// <summary>Makes a row of the measurements of each round.</summary>
    public static HistoryRow Of(string name, string than, bool isRate, IReadOnlyList<(double Value, double Base)> rounds) =>
        new(
            name,
            than,
            isRate,
            Statistic.Of([.. rounds.Select(static round => round.Value)]),
            Statistic.Of([.. rounds.Select(static round => round.Base)]),
            Statistic.Of([.. rounds.Select(static round => round.Value / round.Base)]));
}
