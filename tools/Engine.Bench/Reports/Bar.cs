using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>A bar of a chart; the spread is drawn as a line.</summary>
internal sealed record Bar(string Label, Statistic Ratio);
