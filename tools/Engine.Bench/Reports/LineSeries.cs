namespace Engine.Bench.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Points">From left to right; both coordinates above 0.</param>
internal sealed record LineSeries(string Label, IReadOnlyList<(double X, double Y)> Points);
