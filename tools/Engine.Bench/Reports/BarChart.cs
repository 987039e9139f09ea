namespace Engine.Bench.Reports;

/// <summary>
/// A chart of ratios: a bar per row, to the right of 1 where the first engine is better and to the left where it is
/// not.
/// </summary>
/// <param name="FileName">What its file is called.</param>
/// <param name="Title">What is compared.</param>
/// <param name="Subtitle">How to read it.</param>
/// <param name="Footer">Machine, commit, data.</param>
/// <param name="Bars">From top to bottom.</param>
internal sealed record BarChart(
    string FileName, string Title, string Subtitle, string Footer, IReadOnlyList<Bar> Bars) : IChart
{
    public void Write(TextWriter output) => SvgBarChart.Write(this, output);
}
